"""A short way through an SDK's client: its public `post`, given a body that is made here.

    Direct.of(sdk, client, create) ─▶ None where anything stands between `create` and the network that reads the request
    prepared(wire, timeout) ─▶ Prepared ─ content(), or Replayed ─▶ client.post(…, content=…) ─▶ the HTTP response ─▶ Answer

The SDK's typed methods walk through every parameter before they write JSON, media included: with a long history that is
most of what a call costs. `post` is the method that they end in, and the SDK's documented way to endpoints that it has no
method for. The client's key, retries, proxies, headers, hooks and errors are in force as ever, and what the caller gets is of
the SDK's own class.
"""

from __future__ import annotations

import inspect
import io
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from functools import cache, lru_cache, partial
from importlib import import_module
from operator import attrgetter
from types import FunctionType, MethodType
from typing import Any

from ..adapter import Adapter, Sdk
from ..effects import Answer
from ..errors import MessageError, ProtocolError
from ..values import Later, dataclass
from .body import WHOLE_BYTES, Body
from .exchange import is_failure
from .http import from_files
from .reading import NotJson, parsed

OPTIONS = {"extra_headers": "headers", "extra_query": "params", "timeout": "timeout"}
"""Parameters of the typed methods that are no fields of the body, and what `post` calls them."""

READERS = ("request", "_request", "_prepare_options", "_build_request", "_prepare_request", "_send_request")
"""What every request of a client goes through. Whoever replaces one of them may look for the request's JSON there."""


SENDERS = ("send", "build_request", "_send_single_request")
"""What a request goes through in an HTTP client, before its transport."""


class Replayed:
    """A body that is read from files while it is sent, and anew for each attempt of the SDK's: to it, a file that can be gone
    back in. A body of bytes would stay in memory until the answer is there."""

    __slots__ = ("body",)

    def __init__(self, body: Body) -> None:
        self.body = body

    def __aiter__(self) -> AsyncIterator[bytes]:
        return from_files(self.body)

    def seekable(self) -> bool:
        """Whether it can be sent again: the SDK asks before it tries."""
        return True

    def tell(self) -> int:
        """Where it stands: each iteration begins at the start."""
        return 0

    def seek(self, position: int) -> int:
        """Nothing has to be done."""
        return position

    def read(self, _: int = -1) -> bytes:
        """What files have; HTTP clients iterate."""
        raise io.UnsupportedOperation("it is read by iterating")


@dataclass(frozen=True, slots=True)
class Prepared:
    """A request before its media are read."""

    body: Body
    options: Mapping[str, Any]

    def content(self) -> bytes:
        """The whole body. It is bytes so that the SDK's retries can send it again, and its HTTP client's hooks read it."""
        if self.body.length <= WHOLE_BYTES:
            return b"".join(self.body)
        whole = io.BytesIO()  # gives out its buffer: the body is never there twice
        for piece in self.body:
            whole.write(piece)
        return whole.getvalue()


class Direct:
    """The short way of one client."""

    def __init__(self, sdk: Sdk, client: Any) -> None:
        assert sdk.post is not None
        self._client, self._path, self._kind = client, sdk.post.path, sdk.post.kind
        kind = type(client)
        self._reading = attrgetter(*(name for name in READERS if hasattr(kind, name)))
        self._readers = self._reading(kind)
        self._package, self._http = sdk.package, _http(sdk.package).__name__
        self._response = _http(sdk.package).Response

    @classmethod
    def of(cls, sdk: Sdk, client: Any, create: Callable[..., Any]) -> Direct | None:
        """The short way, if there is one: a client of the plain class, whose methods nobody has replaced."""
        own = next((each for each in type(client).__mro__ if _package(each.__module__) == sdk.package), None)
        if sdk.post is None or own is None or own.__name__ not in sdk.post.classes:
            return None
        if not (isinstance(create, MethodType) and untouched(create.__func__) and unread(client, sdk.package)):
            return None
        # validation, and other providers' bodies behind the same class, are asked for when the client is made
        if getattr(client, "_strict_response_validation", False) or getattr(client, "_provider_runtime", None):
            return None
        return cls(sdk, client) if _takes_content(client.__class__) else None

    @property
    def open(self) -> bool:
        """Whether it is still so: instruments are put into clients, and into their classes, at any time."""
        client = self._client
        found: bool = self._reading(type(client)) == self._readers
        return found and vars(client).keys().isdisjoint(READERS)

    def prepared(self, wire: Mapping[str, Any], timeout: Any) -> Prepared | None:
        """The request, or None if it holds what only the SDK can write (its own objects, dates): the typed method sends it."""
        fields = dict(wire)
        given = ((name, fields.pop(key, None)) for key, name in OPTIONS.items())
        options = {name: value for name, value in given if value is not None}
        fields |= fields.pop("extra_body", None) or {}
        if timeout is not None:
            options["timeout"] = timeout
        if getattr(self._client, "admin_api_key", None):
            options["security"] = {"bearer_auth": True}  # as the typed methods have it: never that other key
        try:
            return Prepared(Body(fields), options)
        except MessageError:
            return None

    @property
    def replays(self) -> bool:
        """Whether nobody looks at a request's body on its way, which then need not be whole: the HTTP client is the SDK's own,
        without hooks, and its methods are those of the HTTP library."""
        client: Any = getattr(self._client, "_client", None)
        transport = getattr(client, "_transport", None)
        if _package(type(client).__module__) != self._package or any(client.event_hooks.values()):
            return False
        functions = [getattr(type(client), name, None) for name in SENDERS]
        functions.append(getattr(type(transport), "handle_async_request", None))
        return (
            all(isinstance(each, FunctionType) and _home(each) == self._http for each in functions)
            and vars(client).keys().isdisjoint(SENDERS)
            and "handle_async_request" not in vars(transport)
        )

    def post(self, content: bytes | Replayed, options: Mapping[str, Any], streaming: bool = False) -> Any:
        """The HTTP response, or an awaitable of it."""
        if isinstance(content, Replayed):
            headers = {**(options.get("headers") or {}), "content-length": str(content.body.length)}
            options = {**options, "headers": headers}
        return self._client.post(self._path, cast_to=self._response, content=content, options=options, stream=streaming)

    def answer(self, adapter: Adapter, response: Any) -> Answer:
        """The response's JSON, and the object that the SDK makes of it, once somebody looks.

        Raises:
            ProtocolError: it is no answer.
            ProviderError: it is an error object, under a status of success.
        """
        data: bytes = response.content
        try:
            wire = parsed(data)
        except NotJson:
            wire = None
        if not isinstance(wire, dict):
            kind = response.headers.get("content-type") or "of no type"
            raise ProtocolError(
                f"the answer is not a JSON object but {kind}, {len(data):,} bytes: is the base URL right?",
                provider=adapter.name,
                status=response.status_code,
            )
        if is_failure(wire):
            raise adapter.error(200, {"error": wire["error"]})
        headers = response.headers
        return Answer(wire, Later(partial(_object, self._kind, wire, headers.get("x-request-id"))), headers)


def _package(module: str) -> str:
    return module.partition(".")[0]


def untouched(function: Any) -> bool:
    """Whether a method, and whatever it wraps, is code of one package: that of its class."""
    packages: set[str] = set()
    while function is not None:
        packages.add(_home(function))
        function = getattr(function, "__wrapped__", None)
    return len(packages) == 1 and "" not in packages


def unread(client: Any, package: str) -> bool:
    """Whether nobody but the SDK itself sees a request on its way: nothing of the client's is replaced, and no middleware."""
    own = getattr(client, "__dict__", {})
    if any(name in own for name in READERS) or hasattr(client, "with_middleware"):
        return False
    return all(each is None or _home(each) == package for each in _readers(type(client)))


def _home(function: Any) -> str:
    """The package that a function was written in, whatever name it goes by."""
    return _package(getattr(function, "__globals__", {}).get("__name__", ""))


def _readers(client: type) -> tuple[Any, ...]:
    return tuple(getattr(client, name, None) for name in READERS)


@lru_cache(maxsize=64)
def _takes_content(client: type) -> bool:
    """Whether this version's `post` takes bytes. Those that do not are from before 2026."""
    post: Any = getattr(client, "post", None)
    return post is not None and "content" in inspect.signature(post).parameters


@cache
def _http(package: str) -> Any:
    """The HTTP library that an SDK is built on, by the class that its own HTTP client extends: httpx2, or its predecessor."""
    default: type = sys.modules[package].DefaultHttpxClient
    return next(
        sys.modules[name] for name in (_package(each.__module__) for each in default.__mro__) if name != package
    )


def _object(kind: str, wire: Mapping[str, Any], request_id: str | None) -> Any:
    """What the SDK makes of an answer. It takes longer than all else that is done with one, and few callers look at it."""
    made = _class(kind).construct(**wire)
    made._request_id = request_id  # where the SDK's users find it
    return made


@cache
def _class(kind: str) -> Any:
    module, _, name = kind.partition(":")
    return getattr(import_module(module), name)
