"""The SDK's client, with what it does replaced: whatever it is asked for, the answer is an object made beforehand.

So what is left of a call is the library alone. The client is a real one, because libraries look at its class.

The typed method is replaced, which all libraries end in. Where nobody has replaced it ours posts JSON that it has written, and
parses the answer's: what that adds is part of *per call*, where the SDKs' own way of doing it is the measure.
"""

from __future__ import annotations

import functools
import json
from typing import Any

import httpx2
import openai
from openai.types.chat import ChatCompletion

from .work import KEY, Job, response


def client(job: Job) -> openai.OpenAI:
    """A client that gives the job's answer."""
    made = openai.OpenAI(api_key=KEY, base_url="http://127.0.0.1:9/v1")
    body = response(job)
    completion = ChatCompletion.model_validate(json.loads(body))
    request = httpx2.Request("POST", "http://127.0.0.1:9/v1/chat/completions")
    answer = httpx2.Response(200, headers={"content-type": "application/json"}, content=body, request=request)
    completions = made.chat.completions

    @functools.wraps(completions.create)
    def create(**_: Any) -> ChatCompletion:
        return completion

    def post(_: str, *, cast_to: Any = None, **__: Any) -> Any:
        return answer if cast_to is httpx2.Response else completion

    completions.create = create  # type: ignore[method-assign, assignment]
    made.post = post  # type: ignore[method-assign, assignment]
    return made
