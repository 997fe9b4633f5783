"""From the caller's arguments to what our own sender would post, judged: for dialects with the model in the path too."""

from __future__ import annotations

import json
from typing import Any

from instructor.client import Instructor
from instructor.media import materialised
from instructor.providers import _registry
from instructor.testing import DIALECTS
from instructor.testing.dialect import Asked
from instructor.testing.oracle import judge, types_known
from tests.wire.sending import Catcher, Sent

ROWS = {row.name: row for row in DIALECTS}


def posted(name: str, messages: Any, *, model: str, streaming: bool = False, **options: Any) -> tuple[str, Any]:
    """The path and body of `create`'s request; fails unless the provider's own types and rules pass it."""
    provider = _registry.find(name)
    client = Instructor(provider, Catcher())
    try:
        client.create(options.pop("response_model", None), messages, model=model, **options)
    except Sent as sent:
        wire = {key: value for key, value in sent.wire.items() if not key.startswith("extra_")}
    else:
        raise AssertionError("nothing was sent")
    if streaming:
        wire |= provider.adapter.streaming
    endpoint = provider.endpoint
    assert endpoint is not None
    path, body = endpoint.place(wire, streaming) if endpoint.place else (endpoint.path, wire)
    return path, judged(name, path, body)


def judged(name: str, path: str, body: Any) -> Any:
    """The body as the JSON that arrives."""
    arrived = json.loads(json.dumps(materialised(body), allow_nan=False))
    row = ROWS[name]
    assert types_known(row), "the judge needs the provider's SDK"
    problem = judge(row, Asked(arrived, {}, path=path))
    assert problem is None, f"{row.path(problem.path)}: {problem.message}"
    return arrived


def refusal(name: str, path: str, body: Any) -> str | None:
    """What the judge says against a body."""
    row = ROWS[name]
    problem = judge(row, Asked(body, {}, path=path))
    return f"{row.path(problem.path)}: {problem.message}" if problem else None
