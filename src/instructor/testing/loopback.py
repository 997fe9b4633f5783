"""A stand-in for the providers on 127.0.0.1: answers in their formats, without a key, and judges what it is sent.

::

    Loopback ──► Script     what comes next: reply, say, call, refuse, truncate, fail, raw; delay, cut, drip
             ──► Clerk      receives a request, records it, judges it, answers it
             ──► Server     HTTP

This file is the face: one method a line. The dialects are the rows of `DIALECTS`, found by how a path ends.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from types import TracebackType
from typing import Any, Self

from . import (
    anthropic_messages,
    bedrock_converse,
    cohere_chat,
    compatible,
    gemini_generate,
    mistral_chat,
    ollama_chat,
    openai_chat,
    openai_responses,
    xai_chat,
)
from .answering import Clerk, Recorded
from .dialect import Dialect
from .filing import Shelf
from .oracle import types_known, warm
from .script import Failure, Line, Raw, Wire
from .serving import Server
from .turns import Calls, Refusal, Text, Truncated, Value, jsonable

DIALECTS: tuple[Dialect, ...] = (
    anthropic_messages.DIALECT,
    bedrock_converse.DIALECT,
    cohere_chat.DIALECT,
    gemini_generate.DIALECT,
    mistral_chat.DIALECT,
    ollama_chat.DIALECT,
    openai_chat.DIALECT,
    openai_responses.DIALECT,
    xai_chat.DIALECT,
    *compatible.DIALECTS,
)


class Loopback:
    """An HTTP server that answers like the providers do.

    ::

        with Loopback() as server:
            client = openai.OpenAI(base_url=server.openai_url, api_key="any")
            server.reply({"name": "Jason", "age": 20})
            ...
            assert server.requests[0].json["model"] == "gpt-4o-mini"

    Without a queued answer it makes one from the schema in the request. `chunk` is the number of characters in a
    streamed delta; `validate=False` lets any JSON object through, `allow` only top-level keys of these names;
    `keyless=True` asks for no key.
    """

    def __init__(
        self,
        *,
        validate: bool = True,
        allow: Collection[str] = (),
        chunk: int = 8,
        keyless: bool = False,
        dialects: Sequence[Dialect] = DIALECTS,
    ) -> None:
        self.dialects = tuple(dialects)
        self._validate = validate
        self._clerk = Clerk(self.dialects, validate=validate, allow=frozenset(allow), chunk=chunk, keyless=keyless)
        self._server: Server | None = None

    # ------------------------------------------------------------------------------------------------ start and stop

    def start(self) -> Self:
        """Listen on a free port. `with` does it."""
        if self._server is None:
            for dialect in self.dialects if self._validate else ():
                warm(dialect)
            self._server = Server(self._clerk.answer)
            self._server.start()
        return self

    def close(self) -> None:
        """Close every connection and wait for every thread. `with` does it."""
        server, self._server = self._server, None
        if server is not None:
            server.stop()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    async def __aenter__(self) -> Self:
        return self.start()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # ------------------------------------------------------------------------------------------------------ where it is

    @property
    def url(self) -> str:
        """`http://127.0.0.1:PORT`."""
        if self._server is None:
            raise RuntimeError("the loopback server is not running: use it in a `with` block")
        return f"http://127.0.0.1:{self._server.port}"

    def url_of(self, dialect: str) -> str:
        """`http://127.0.0.1:PORT/dialect`: for those whose paths end as another's do."""
        return f"{self.url}/{dialect}"

    @property
    def openai_url(self) -> str:
        """For `base_url=` and `OPENAI_BASE_URL`."""
        return f"{self.url}/v1"

    @property
    def anthropic_url(self) -> str:
        """For `base_url=` and `ANTHROPIC_BASE_URL`."""
        return self.url

    @property
    def validates(self) -> bool:
        """Whether requests of every dialect are held against their SDK's types: asked for, and installed."""
        return self._validate and all(types_known(dialect) for dialect in self.dialects)

    @property
    def requests(self) -> list[Recorded]:
        """The requests that arrived, refused ones and fetched files among them, in order."""
        return self._clerk.requests

    @property
    def uploads(self) -> Shelf:
        """What was uploaded to the Files APIs, and what is to befall uploads: see `Shelf`."""
        return self._clerk.shelf

    @property
    def pending(self) -> int:
        """How many queued answers have not been asked for."""
        return len(self._clerk.script)

    # ------------------------------------------------------------------------------------------------ what it says next

    def reply(self, value: Any, *, tool: str | None = None, thinking: str | None = None) -> Self:
        """The model answers with this JSON value (or pydantic object), put where the request asks for it.

        That is a tool call's arguments if a tool is forced, the only one, or the one that the value fits; else the
        text. `tool` names another one; `thinking` goes before it where the format has it.
        """
        return self._add(Value(jsonable(value), tool, thinking))

    def say(self, text: str, *, thinking: str | None = None) -> Self:
        """The model answers with this text, whatever was asked."""
        return self._add(Text(text, thinking))

    def call(self, *calls: tuple[str, Any], text: str | None = None) -> Self:
        """The model calls these tools, each a (name, arguments), side by side, after `text` if there is any."""
        return self._add(Calls(tuple((name, jsonable(arguments)) for name, arguments in calls), text))

    def refuse(self, text: str) -> Self:
        """The model refuses."""
        return self._add(Refusal(text))

    def truncate(self, text: str) -> Self:
        """The answer, text or arguments, is cut off here at the token limit."""
        return self._add(Truncated(text))

    def fail(
        self,
        status: int,
        body: Any = None,
        *,
        headers: Mapping[str, str] | None = None,
        message: str | None = None,
        after_events: int | None = None,
    ) -> Self:
        """An error, by default with a body in the provider's shape (saying `message`).

        With `after_events` a streamed answer begins with status 200, and the error is an event in it.
        """
        return self._add(Failure(status, body, dict(headers or {}), message, after_events))

    def raw(
        self,
        status: int,
        body: bytes | str,
        *,
        content_type: str = "application/json",
        headers: Mapping[str, str] | None = None,
    ) -> Self:
        """Exactly this."""
        content = body.encode() if isinstance(body, str) else body
        return self._add(Raw(status, content, {"Content-Type": content_type, **(headers or {})}))

    def delay(self, seconds: float) -> Self:
        """The next answer that is queued comes late."""
        return self._add(Wire(delay=seconds))

    def cut(self, after_bytes: int | None = None) -> Self:
        """The connection breaks after so many bytes of the next answer's body; before its first byte if `None`."""
        return self._add(Wire(cut=-1 if after_bytes is None else after_bytes))

    def drip(self, bytes_per_chunk: int, seconds: float) -> Self:
        """The next answer's body comes in small chunks, with a pause after each."""
        return self._add(Wire(drip=(bytes_per_chunk, seconds)))

    def clear(self) -> Self:
        """Forget queued answers and recorded requests; files stay."""
        self._clerk.script.clear()
        self._clerk.requests.clear()
        return self

    def _add(self, line: Line | Wire) -> Self:
        self._clerk.script.add(line)
        return self

    # ------------------------------------------------------------------------------------------------------------ files

    def files(
        self,
        path: str,
        data: bytes = b"",
        content_type: str = "application/octet-stream",
        *,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
        redirect: str | None = None,
        chunked: bool = False,
        wire: Wire | None = None,
    ) -> str:
        """Serve bytes for GET and HEAD of `path`, as often as asked; the URL is returned.

        `redirect` sends elsewhere (302, or a 3xx `status`); `chunked` leaves the length out; `wire` adds faults.
        """
        extra = {"Location": redirect} if redirect is not None else {}
        code = 302 if redirect is not None and status == 200 else status
        raw = Raw(code, data, {"Content-Type": content_type, **extra, **(headers or {})}, chunked)
        self._clerk.files[path] = (raw, wire or Wire())
        return self.url + path
