"""The short way through OpenAI's client asks and answers as its typed methods do; what looks into those stays in force."""

from __future__ import annotations

import base64
import functools
import json
import pickle
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, ClassVar

import httpx2
import openai
import pytest
from openai.types.chat import ChatCompletion

import instructor
from instructor.drivers.sdk import AsyncSdkSender, SdkSender
from instructor.effects import Call, Open
from instructor.media import Image, Inline
from instructor.providers import openai as chat
from instructor.providers import responses
from tests.media import PNG

from .ways import settled

PICTURE = Inline(Image.from_bytes(PNG), "data:image/png;base64,")
CHAT: dict[str, Any] = {
    "model": "gpt-4o-mini",
    "messages": [
        {"role": "user", "content": [{"type": "image_url", "image_url": {"url": PICTURE}}]},
        {"role": "assistant", "content": "é"},
    ],
    "tools": [{"type": "function", "function": {"name": "User", "parameters": {"type": "object", "properties": {}}}}],
    "temperature": 0.5,
    "stop": None,
    "top_k": 7,
    "extra_headers": {"x-caller": "me"},
    "extra_query": {"version": "2"},
    "extra_body": {"user": "over", "more": [1]},
}
RESPONSES: dict[str, Any] = {
    "model": "gpt-4o-mini",
    "input": [{"role": "user", "content": [{"type": "input_image", "image_url": PICTURE, "detail": "low"}]}],
    "store": False,
    "extra_body": {"more": [1]},
}
ANSWER = {
    "id": "1",
    "object": "chat.completion",
    "created": 1,
    "model": "gpt-4o-mini",
    "new": {"field": 1},
    "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "hi"}}],
    "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2},
}
RESPONDED = {
    "id": "r",
    "object": "response",
    "created_at": 1,
    "model": "gpt-4o-mini",
    "status": "completed",
    "output": [
        {
            "id": "m",
            "type": "message",
            "role": "assistant",
            "status": "completed",
            "content": [{"type": "output_text", "text": "hi", "annotations": []}],
        }
    ],
}
DIALECTS = {"chat": (chat.provider, CHAT, ANSWER), "responses": (responses.provider, RESPONSES, RESPONDED)}

NOT_SAME = {"x-stainless-retry-count", "idempotency-key"}


class Wire:
    """What the SDK's client sent, and its answers in their order."""

    def __init__(self, *answers: httpx2.Response) -> None:
        self.seen: list[tuple[str, dict[str, str], bytes]] = []
        self._answers = list(answers)

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        headers = {key: value for key, value in request.headers.items() if key not in NOT_SAME}
        self.seen.append((str(request.url), headers, request.content))
        return self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]


def answered(value: Any) -> httpx2.Response:
    return httpx2.Response(200, json=value, headers={"x-request-id": "req-7"})


def client_of(wire: Wire, asynchronous: bool, cls: Any = None, **options: Any) -> Any:
    transport = httpx2.MockTransport(wire)
    http: Any = httpx2.AsyncClient(transport=transport) if asynchronous else httpx2.Client(transport=transport)
    made = cls or (openai.AsyncOpenAI if asynchronous else openai.OpenAI)
    return made(**{"api_key": "k", "max_retries": 0, "http_client": http, **options})


def sender_of(client: Any, provider: Any = chat.provider) -> Any:
    assert provider.sdk is not None
    kind = AsyncSdkSender if "Async" in type(client).__name__ else SdkSender
    return kind(provider.adapter, provider.sdk, client)


async def both(
    send: Callable[[Any], Any], provider: Any, answer: httpx2.Response, asynchronous: bool
) -> list[tuple[Any, Any]]:
    """What the short way and the typed method send and bring."""
    found = []
    for short in (True, False):
        wire = Wire(answer)
        sender = sender_of(client_of(wire, asynchronous), provider)
        assert sender._direct is not None
        sender._direct = sender._direct if short else None
        found.append((await settled(send(sender)), wire.seen))
    return found


@pytest.mark.parametrize("asynchronous", [False, True], ids=["sync", "async"])
@pytest.mark.parametrize("dialect", DIALECTS)
async def test_it_is_the_same(dialect: str, asynchronous: bool) -> None:
    provider, wire, body = DIALECTS[dialect]
    (ours, sent), (theirs, expected) = await both(
        lambda sender: sender.send(Call(wire)), provider, answered(body), asynchronous
    )
    ((url, headers, content),) = sent
    ((their_url, their_headers, their_content),) = expected
    assert json.loads(content) == json.loads(their_content)
    assert (url, headers | {"content-length": ""}) == (their_url, their_headers | {"content-length": ""})
    assert ours.wire == theirs.wire == body
    assert type(ours.raw) is type(theirs.raw)
    assert ours.raw == theirs.raw
    assert ours.raw._request_id == theirs.raw._request_id == "req-7"
    assert ours.raw.model_dump() == theirs.raw.model_dump()
    assert "extra_body" in wire  # what the caller passed was not written to


@pytest.mark.parametrize("asynchronous", [False, True], ids=["sync", "async"])
async def test_the_sdks_object_is_made_where_somebody_looks(
    monkeypatch: pytest.MonkeyPatch, asynchronous: bool
) -> None:
    made: list[object] = []
    construct = ChatCompletion.construct

    def counted(**fields: Any) -> ChatCompletion:
        made.append(construct(**fields))
        return ChatCompletion.model_validate(made[-1])

    monkeypatch.setattr(ChatCompletion, "construct", counted)
    text = answered({**ANSWER, "choices": [{**ANSWER["choices"][0], "message": {"role": "assistant", "content": "7"}}]})
    client: Any = instructor.from_openai(client_of(Wire(text), asynchronous), model="gpt-4o", mode=instructor.Mode.JSON)
    assert await settled(client.create(int, "How many?")) == 7
    assert not made
    _, raw = await settled(client.create_with_completion(int, "How many?"))
    assert isinstance(raw, ChatCompletion)
    assert (raw._request_id, len(made)) == ("req-7", 1)
    seen: list[Any] = []
    client.on(instructor.events.Answered, seen.append)
    client.on("completion:response", seen.append)
    await settled(client.create(int, "How many?"))
    told, shown = sorted(seen, key=lambda one: isinstance(one, ChatCompletion))
    assert told.reply.raw is shown is told.reply.raw
    assert len(made) == 2
    assert pickle.loads(pickle.dumps(told.reply)).raw == shown


@pytest.mark.parametrize("asynchronous", [False, True], ids=["sync", "async"])
async def test_streams_are_the_same(asynchronous: bool) -> None:
    chunk = {"id": "1", "choices": [{"index": 0, "delta": {"content": "hi"}}]}
    stream = f"data: {json.dumps(chunk)}\n\ndata: [DONE]\n\n"

    async def events(sender: Any) -> list[Any]:
        opened = await settled(sender.open(Open({**CHAT, "stream": True})))
        came: list[Any] = []
        while events := await settled(opened.next()):
            came += events
        await settled(opened.close())
        return came

    def reply() -> httpx2.Response:
        return httpx2.Response(200, content=stream.encode(), headers={"content-type": "text/event-stream"})

    found = []
    for short in (True, False):
        wire = Wire(reply())
        sender = sender_of(client_of(wire, asynchronous))
        sender._direct = sender._direct if short else None
        found.append((await events(sender), json.loads(wire.seen[0][2])))
    assert found[0] == found[1]
    assert found[0][0] == [chunk]


@pytest.mark.parametrize("asynchronous", [False, True], ids=["sync", "async"])
async def test_the_clients_own_retries_send_the_same_bytes(asynchronous: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    busy = httpx2.Response(500, json={"error": {"message": "busy"}}, headers={"retry-after-ms": "1"})
    large = {**CHAT, "messages": [{"role": "user", "content": "x" * 600_000}]}
    wire = Wire(busy, answered(ANSWER))
    sender = sender_of(client_of(wire, asynchronous, max_retries=1))
    await settled(sender.send(Call(large)))
    (_, _, first), (_, _, second) = wire.seen
    assert first == second
    assert len(first) > 600_000


class Plain(openai.OpenAI):
    """With something of its own that no request goes through."""

    team = "ours"


class Reading(openai.OpenAI):
    """Looks into every request."""

    read: ClassVar[list[Any]] = []

    def _prepare_options(self, options: Any) -> Any:
        self.read.append(options.json_data)
        return super()._prepare_options(options)


def test_whose_way_is_short() -> None:
    wire = Wire(answered(ANSWER))
    assert sender_of(client_of(wire, False, Plain))._direct is not None
    assert sender_of(client_of(wire, False, Reading))._direct is None
    assert sender_of(client_of(wire, False, _strict_response_validation=True))._direct is None
    azure = client_of(wire, False, openai.AzureOpenAI, azure_endpoint="https://x.example", api_version="1")
    assert sender_of(azure)._direct is None
    sender_of(azure).send(Call(CHAT))
    assert "/deployments/gpt-4o-mini/" in wire.seen[-1][0]
    sender_of(client_of(wire, False, Reading)).send(Call(CHAT))
    assert [message["role"] for message in Reading.read[-1]["messages"]] == ["user", "assistant"]


def watching(function: Callable[..., Any], seen: list[Mapping[str, Any]]) -> Callable[..., Any]:
    """As tools that observe SDKs wrap their methods."""

    @functools.wraps(function)
    def watched(*args: Any, **kwargs: Any) -> Any:
        seen.append(kwargs)
        return function(*args, **kwargs)

    return watched


def test_wrapped_methods_are_called(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Mapping[str, Any]] = []
    completions = openai.resources.chat.completions.Completions
    monkeypatch.setattr(completions, "create", watching(completions.create, seen))
    sender_of(client_of(Wire(answered(ANSWER)), False)).send(Call(CHAT))
    assert seen[0]["model"] == "gpt-4o-mini"


@pytest.mark.parametrize("where", ["instance", "class"])
def test_requests_that_are_watched_from_later_on(where: str, monkeypatch: pytest.MonkeyPatch) -> None:
    client = client_of(Wire(answered(ANSWER)), False)
    sender, seen = sender_of(client), list[Mapping[str, Any]]()
    sender.send(Call(CHAT))
    target: Any = client if where == "instance" else openai.OpenAI
    monkeypatch.setattr(target, "request", watching(target.request, seen), raising=False)
    sender.send(Call(CHAT))
    assert len(seen) == 1
    options = seen[0].get("options")
    assert options is None or len(options.json_data["messages"]) == 2
    assert not sender._direct.open


def test_what_only_the_sdk_can_write() -> None:
    wire = Wire(answered(ANSWER))
    message = ChatCompletion.model_validate(ANSWER).choices[0].message
    sender_of(client_of(wire, False)).send(Call({"model": "m", "messages": [message], "stop": openai.omit}))
    assert json.loads(wire.seen[0][2]) == {"model": "m", "messages": [{"role": "assistant", "content": "hi"}]}


def test_hooks_of_the_http_client_read_the_body() -> None:
    read: list[bytes] = []
    http = httpx2.Client(
        transport=httpx2.MockTransport(Wire(answered(ANSWER))),
        event_hooks={"request": [lambda request: read.append(request.content)]},
    )
    large = Image.from_bytes(PNG + bytes(600_000))
    messages = [{"role": "user", "content": [{"image_url": {"url": Inline(large)}}]}]
    sender_of(openai.OpenAI(api_key="k", http_client=http)).send(Call({"model": "m", "messages": messages}))
    assert json.loads(read[0])["messages"][0]["content"][0]["image_url"]["url"] == large.data


@pytest.mark.parametrize("asynchronous", [False, True], ids=["sync", "async"])
async def test_the_sdks_own_object(asynchronous: bool) -> None:
    client: Any = instructor.from_openai(client_of(Wire(answered(ANSWER)), asynchronous), model="gpt-4o-mini")
    raw = await settled(client.create(None, "Hello"))
    assert isinstance(raw, ChatCompletion)
    assert raw.choices[0].message.content == "hi"
    assert raw._request_id == "req-7"


@pytest.mark.parametrize("asynchronous", [False, True], ids=["sync", "async"])
async def test_a_small_file_is_read_once_for_all_attempts(asynchronous: bool, tmp_path: Path) -> None:
    (tmp_path / "p.png").write_bytes(PNG)
    picture = Image.from_path(tmp_path / "p.png")
    good = {
        **ANSWER,
        "choices": [{**ANSWER["choices"][0], "message": {"role": "assistant", "content": '{"content": 3}'}}],
    }
    wire = Wire(answered(ANSWER), answered(good))
    client: Any = instructor.from_openai(client_of(wire, asynchronous), model="gpt-4o-mini", mode=instructor.Mode.JSON)
    client.on("parse:error", lambda *_: (tmp_path / "p.png").unlink())
    assert await settled(client.create(int, ["How many?", picture], max_retries=1)) == 3
    assert all(base64.b64encode(PNG).decode() in body.decode() for _, _, body in wire.seen)
    assert picture.encoded is None
