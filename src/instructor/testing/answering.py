"""From a request that arrived to what is sent back.

::

    request ─► file? ─► recorded ─► path? ─► key? ─► JSON? ─► oracle ─► script ─► speak ─► dialect ─► reply
                                     404      401      400     400     (the queue)        complete | events

A refused request is recorded with the reason, and takes nothing from the queue.
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from math import ceil
from typing import Any, TypeVar
from urllib.parse import urlsplit

from pydantic_core import from_json, to_json

from ..values import dataclass
from .caching import PromptCache
from .dialect import Asked, Bill, Dialect, Problem
from .filing import Shelf
from .oracle import judge
from .script import Failure, Raw, Script, Wire
from .serving import Arrived, Reply
from .turns import Answer, Json, Sample, Turn, Wants, speak

T = TypeVar("T")

REASONS: Mapping[int, str] = {
    401: "Incorrect API key provided.",
    403: "This key may not use this model.",
    404: "The model does not exist.",
    413: "The request is too large.",
    429: "Rate limit reached. Try again later.",
    503: "The server is overloaded.",
    529: "Overloaded",
}
"""What an error body says, unless it is given."""

REASON = "The server had an error while processing the request."


@dataclass(frozen=True, slots=True)
class Recorded:
    """A request that arrived. Header names are in lower case; `refused` says what was wrong with it, if anything."""

    path: str
    method: str
    headers: Mapping[str, str]
    body: bytes
    query: str = ""
    refused: str | None = None

    @property
    def json(self) -> Any:
        """The body as JSON, read anew each time (bodies can be large); `None` if it is not JSON."""
        try:
            return from_json(self.body)
        except ValueError:
            return None


class Clerk:
    """Receives requests, records and judges them, and answers from the script. Called from many threads."""

    def __init__(
        self, dialects: Sequence[Dialect], *, validate: bool, allow: Collection[str], chunk: int, keyless: bool
    ) -> None:
        self.requests: list[Recorded] = []
        self.script = Script()
        self.files: dict[str, tuple[Raw, Wire]] = {}
        self.shelf = Shelf()
        self._dialects, self._allow, self._chunk, self._keyless = dialects, allow, chunk, keyless
        self._validate = validate
        self._caches = {dialect.name: PromptCache() for dialect in dialects}
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()

    def answer(self, arrived: Arrived) -> Reply:
        """Record a request and answer it."""
        target = urlsplit(arrived.target)
        served = self.files.get(arrived.target) or self.files.get(target.path)
        if served and arrived.method in ("GET", "HEAD"):
            self._record(arrived)
            return _raw(*served)
        dialect = self._dialect(target.path)
        with self._lock:
            number = next(self._numbers)
        if api := self.shelf.concerns(arrived):
            self._record(arrived)
            like = next((dialect for dialect in self._dialects if dialect.name == api), dialect)
            return self.shelf.answer(api, arrived, like, number)
        asked, problem = self._received(dialect, arrived, number)
        self._record(arrived, _told(dialect, problem))
        return self._refused(dialect, problem, number) if problem else self._spoken(dialect, asked)

    def _record(self, arrived: Arrived, refused: str | None = None) -> None:
        target = urlsplit(arrived.target)
        recorded = Recorded(target.path, arrived.method, arrived.headers, arrived.body, target.query, refused)
        with self._lock:
            self.requests.append(recorded)

    # ----------------------------------------------------------------------------------------------------- judging

    def _dialect(self, path: str) -> Dialect:
        """The dialect of a path; for other paths, the one whose shape an error should have."""
        named = [dialect for dialect in self._dialects if path.startswith(f"/{dialect.name}/")]
        speaking = [dialect for dialect in self._dialects if path.endswith(dialect.suffixes)]
        like = [dialect for dialect in self._dialects if any(suffix in path for suffix in dialect.suffixes)]
        return [*named, *speaking, *like, self._dialects[-1]][0]

    def _received(self, dialect: Dialect, arrived: Arrived, number: int) -> tuple[Asked, Problem | None]:
        """A request, and the first thing that is wrong with it."""
        path = urlsplit(arrived.target).path
        nothing = Asked({}, number=number, path=path)
        if not path.endswith(dialect.suffixes):
            return nothing, Problem((), f"Unknown request URL: {arrived.method} {path}", 404)
        if arrived.method != "POST":
            return nothing, Problem((), f"Not allowed to {arrived.method} {path}", 405)
        if dialect.keys and not self._keyless and not any(_key(arrived.headers.get(name, "")) for name in dialect.keys):
            return nothing, Problem((), f"No API key: {' or '.join(dialect.keys)} header is required", 401)
        try:
            body = from_json(arrived.body, allow_inf_nan=False)
        except ValueError as error:
            return nothing, Problem((), f"We could not parse the JSON body of your request: {error}")
        if not isinstance(body, dict):
            return nothing, Problem((), "The body of your request is not a JSON object")
        asked = Asked(body, arrived.headers, len(arrived.body), number, path)
        problem = judge(dialect, asked, self._allow) if self._validate else None
        return asked, problem or self.shelf.missing(dialect.name, body)

    def _refused(self, dialect: Dialect, problem: Problem, number: int) -> Reply:
        body = dialect.error(problem.status, problem.message, problem.path or None, number)
        headers = {**_headers(dialect, number), **dialect.error_headers(problem.status)}
        return Reply(problem.status, headers, to_json(body))

    # ---------------------------------------------------------------------------------------------------- speaking

    def _spoken(self, dialect: Dialect, asked: Asked) -> Reply:
        """The next line of the script, in a dialect."""
        line, wire = self.script.next()
        match line:
            case Raw():
                return _raw(line, wire)
            case Failure():
                return self._failed(dialect, asked, line, wire)
        return self._said(dialect, asked, line, wire)

    def _said(self, dialect: Dialect, asked: Asked, answer: Answer, wire: Wire) -> Reply:
        turn = speak(answer, _tolerant(dialect.wants, asked.body, Wants()))
        bill = self._bill(dialect, asked, turn)
        if dialect.streams(asked):
            events = dialect.events(turn, asked, bill, self._chunk)
            return Reply(200, _headers(dialect, asked.number, dialect.stream_type), events, wire)
        body = to_json(dialect.complete(turn, asked, bill))
        return Reply(200, _headers(dialect, asked.number), body, wire)

    def _failed(self, dialect: Dialect, asked: Asked, failure: Failure, wire: Wire) -> Reply:
        """An error status; or a stream that begins well, then an error event."""
        body = failure.body
        if body is None:
            message = failure.message or REASONS.get(failure.status, REASON)
            body = dialect.error(failure.status, message, None, asked.number)
        if failure.after is not None and dialect.streams(asked):
            begun = self._said(dialect, asked, Sample(), wire)
            return _ended(begun, failure.after, dialect.error_event(failure.status, body))
        content = body if isinstance(body, bytes) else body.encode() if isinstance(body, str) else to_json(body)
        headers = {**_headers(dialect, asked.number), **dialect.error_headers(failure.status), **failure.headers}
        return Reply(failure.status, headers, content, wire)

    def _bill(self, dialect: Dialect, asked: Asked, turn: Turn) -> Bill:
        share = self._caches[dialect.name].share(asked.body, _tolerant(dialect.blocks, asked.body, []))
        return Bill(max(share.rest, 1), max(ceil(turn.size / 4), 1), share.read, share.written)


def _tolerant(read: Callable[[Json], T], body: Json, otherwise: T) -> T:
    """What is read from a body; bodies that nobody judged can be of any shape."""
    try:
        return read(body)
    except (AttributeError, LookupError, TypeError):
        return otherwise


def _told(dialect: Dialect, problem: Problem | None) -> str | None:
    """A problem in words, path first."""
    if problem is None:
        return None
    return f"{dialect.path(problem.path)}: {problem.message}" if problem.path else problem.message


def _key(header: str) -> str:
    """The key in a header, without its scheme."""
    return header.strip().removeprefix("Bearer").strip()


def _headers(dialect: Dialect, number: int, content_type: str = "application/json") -> dict[str, str]:
    return {"Content-Type": content_type, dialect.request_id: f"req_loopback{number:06d}"}


def _raw(raw: Raw, wire: Wire) -> Reply:
    return Reply(raw.status, raw.headers, (raw.body,) if raw.chunked else raw.body, wire)


def _ended(reply: Reply, count: int, last: bytes) -> Reply:
    """A streamed reply of `count` events, then `last`."""

    def events(body: Iterable[Any]) -> Iterator[bytes]:
        yield from itertools.islice(body, count)
        yield last

    return Reply(reply.status, reply.headers, events(reply.body), reply.wire)
