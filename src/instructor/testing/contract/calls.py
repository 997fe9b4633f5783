"""Checks of whole calls against a `Loopback`: our sender and the SDKs' clients, blocking or not, in one piece or streamed.

calls: answers      the same JSON arrives whichever way it goes, and the same values come back
calls: extras       extra_body, extra_headers, extra_query; the key
faults: …           cut, HTML, empty, errors under any status: one error of the house each, the same every way
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

from ... import errors
from ...adapter import family, media_of
from ...client import AsyncInstructor, Instructor
from ...drivers.exchange import Exchange
from ...drivers.http import AsyncHttpSender, HttpSender
from ...drivers.sdk import sender_over
from ...errors import InstructorError, ProviderError
from ...media import Document, Image
from ...modes import Mode
from ...sdks import kind_of
from ...values import dataclass
from ..loopback import Loopback
from .cells import SOMEBODY, WORDS, Person
from .subject import Check, MakeClient, Subject, broken

KEY = "contract-key"

PICTURE = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de000"
    "0000c49444154789c63382127070002b6010534a675aa0000000049454e44ae426082"
)
"""A PNG of one pixel."""


@dataclass(frozen=True, slots=True)
class Way:
    """Our sender, or an SDK's client that `make` makes; blocking or not."""

    name: str
    asynchronous: bool
    make: MakeClient | None = None

    def __str__(self) -> str:
        return f"{self.name}, {'asynchronous' if self.asynchronous else 'synchronous'}"


def ways(subject: Subject) -> list[Way]:
    """All ways to the provider."""
    own = [Way("own sender", slow) for slow in (False, True)] if subject.provider.endpoint else []
    return own + [Way(name, slow, make) for name, make in subject.clients.items() for slow in (False, True)]


def checks(subject: Subject) -> Iterator[Check]:
    """All checks of calls; none where nothing can send to a server."""
    if not ways(subject):
        return
    yield Check("calls: answers", partial(_run, answers, subject))
    yield Check("calls: streams", partial(_run, streams, subject))
    if subject.provider.endpoint:
        yield Check("calls: extras", partial(_run, extras, subject))
    for way in ways(subject):
        yield Check(f"faults: {way}", partial(_run, faults, subject, way))


def _run(scenario: Callable[..., Awaitable[None]], *given: Any) -> None:
    async def run() -> None:
        await scenario(*given)

    asyncio.run(run())


async def settled(value: Any) -> Any:
    """What an awaitable comes to; anything else as it is."""
    return await value if hasattr(value, "__await__") else value


async def collected(stream: Any) -> list[Any]:
    """Everything that a stream gives, asynchronous or not."""
    return [thing async for thing in stream] if hasattr(stream, "__aiter__") else list(stream)


@asynccontextmanager
async def opened(subject: Subject, server: Loopback, way: Way) -> AsyncIterator[Any]:
    """A client of this way, closed at the end with everything below it."""
    made = way.make(server, way.asynchronous) if way.make else _plain(way.asynchronous)
    async with _closing(made) as below:
        client = (AsyncInstructor if way.asynchronous else Instructor)(
            subject.provider,
            (_over_sdk if way.make else _over_http)(subject, server, way, below),
            model=subject.model,
            params={} if way.make else subject.params,
        )
        try:
            yield client
        finally:
            await settled(client.close())


@asynccontextmanager
async def _closing(made: Any) -> AsyncIterator[Any]:
    """What was made, closed at the end by whatever means it has."""
    if hasattr(made, "__aenter__"):
        async with made as below:
            yield below
    elif hasattr(made, "__enter__"):
        with made as below:
            yield below
    else:
        yield made
        if hasattr(made, "close"):
            await settled(made.close())


def _plain(asynchronous: bool) -> Any:
    """An HTTP client without certificates, which take their time to load."""
    import httpx2

    return (httpx2.AsyncClient if asynchronous else httpx2.Client)(verify=False)


def _over_http(subject: Subject, server: Loopback, way: Way, client: Any) -> Any:
    endpoint = subject.provider.endpoint
    assert endpoint is not None
    base: str | None = server.url_of(subject.dialect.name) + subject.prefix
    if endpoint.locate:
        base = endpoint.locate(base, {name: str(value) for name, value in subject.params.items()})
    exchange = Exchange(subject.adapter, endpoint, KEY, base or "")
    return (AsyncHttpSender if way.asynchronous else HttpSender)(exchange, 30.0, client)


def _over_sdk(subject: Subject, server: Loopback, way: Way, client: Any) -> Any:
    provider = subject.provider
    sdks = tuple(sdk for sdk in (provider.sdk, *provider.also) if sdk)
    sdk, _ = kind_of(sdks, client, "the contract", way.asynchronous)
    return sender_over(subject.adapter, sdk, client, way.asynchronous)


def _server(subject: Subject, **options: Any) -> Loopback:
    return Loopback(dialects=(subject.dialect,), **options)


# ── answers ──────────────────────────────────────────────────────────────────────────────────────


def _content(subject: Subject) -> list[Any]:
    """A question with a picture and a document, where they are taken."""
    taken, content = media_of(subject.adapter, subject.model), ["Who is this?"]
    made: list[Any] = []
    if Image in taken and "image/png" in taken[Image].limits.mimes:
        made.append(Image.from_bytes(PICTURE))
    if Document in taken and "text/plain" in taken[Document].limits.mimes:
        made.append(Document.from_bytes(WORDS, name="words.txt"))
    return [*content, *made]


async def answers(subject: Subject) -> None:
    """Every mode, every way: the same requests, none refused, and the same values."""
    modes, content, first = tuple(family(subject.adapter, subject.model).modes), _content(subject), None
    with _server(subject) as server:
        for way in ways(subject):
            server.clear()
            async with opened(subject, server, way) as client:
                for mode in modes:
                    await _answer(subject, server, way, client, mode, content)
                server.say("hello")
                raw = await _called(subject, way, client.create, None, content)
                if raw is None:
                    broken(subject, f"{way}: create(None, …) gives nothing", "the bridge's answer is what callers get")
            first = _arrived(subject, server, way, first)


async def _answer(subject: Subject, server: Loopback, way: Way, client: Any, mode: Mode, content: list[Any]) -> None:
    server.reply(SOMEBODY)
    value, raw = await _called(subject, way, client.create_with_completion, Person, content, mode=mode, max_retries=0)
    if value != Person.model_validate(SOMEBODY) or raw is None:
        broken(
            subject, f"{way}, Mode.{mode.name}: {value!r:.200} came back", "compare the JSON of the answer with decode"
        )


async def _called(subject: Subject, way: Way, method: Callable[..., Any], *given: Any, **options: Any) -> Any:
    try:
        return await settled(method(*given, **options))
    except InstructorError as error:
        broken(
            subject,
            f"{way}: a call that should succeed fails: {type(error).__name__}: {error}",
            "run the checks 'encode' and 'decode' first; then look at the Endpoint, or at the Sdk and its bridge",
            error,
        )


async def streams(subject: Subject) -> None:
    """Partial objects and elements, every way."""
    modes, first = tuple(family(subject.adapter, subject.model).modes), None
    person = Person.model_validate(SOMEBODY)
    with _server(subject, chunk=12) as server:
        for way in ways(subject):
            server.clear()
            async with opened(subject, server, way) as client:
                for mode in modes:
                    server.reply(SOMEBODY)
                    grown = await _gathered(
                        subject, way, client.create_partial(Person, "Who?", mode=mode, max_retries=0)
                    )
                    if not grown or grown[-1] != person:
                        broken(subject, f"{way}, Mode.{mode.name}: a stream ends in {grown[-1:]}", "look at deltas")
                server.reply({"content": [SOMEBODY, SOMEBODY]})
                people = await _gathered(subject, way, client.create_iterable(Person, "Who?", max_retries=0))
                if people != [person, person]:
                    broken(subject, f"{way}: a stream of two has {people!r:.200}", "look at deltas")
            first = _arrived(subject, server, way, first)


async def _gathered(subject: Subject, way: Way, stream: Any) -> list[Any]:
    return list(await _called(subject, way, _awaitable, stream))


async def _awaitable(stream: Any) -> list[Any]:
    return await collected(await settled(stream))


def _arrived(subject: Subject, server: Loopback, way: Way, first: list[Any] | None) -> list[Any]:
    """What arrived, if it is what arrived the first way."""
    refused = next((request.refused for request in server.requests if request.refused), None)
    if refused:
        broken(subject, f"{way}: a request is refused: {refused}", "see the checks 'encode'")
    bodies = [subject.canonical(request.json) for request in server.requests]
    for one, other in zip(first or bodies, bodies, strict=True):
        if one != other:
            broken(
                subject,
                f"{way} puts other JSON on the wire than {ways(subject)[0]}:\n  {other!r:.600}\n  {one!r:.600}",
                "send the same whichever way it goes: write what the SDK adds in encode, or pass canonical= where the two "
                "spellings mean the same",
            )
    return first or bodies


async def extras(subject: Subject) -> None:
    """The key arrives, and what callers add to a request."""
    given = {"extra_body": {"contract_extra": 1}, "extra_headers": {"X-Contract": "a"}, "extra_query": {"c": "d"}}
    with _server(subject, allow=("contract_extra",)) as server:
        for way in (way for way in ways(subject) if way.make is None):
            server.clear()
            async with opened(subject, server, way) as client:
                server.reply(SOMEBODY)
                await _called(subject, way, client.create, Person, "Who?", max_retries=0, **given)
            request = server.requests[-1]
            if (
                request.json.get("contract_extra") != 1
                or request.headers.get("x-contract") != "a"
                or "c=d" not in request.query
            ):
                broken(
                    subject,
                    f"{way}: extra_body, extra_headers or extra_query do not arrive",
                    "leave them in the wire dict",
                )
            if subject.dialect.keys and not any(KEY in request.headers.get(name, "") for name in subject.dialect.keys):
                broken(subject, f"{way}: the key is in none of {subject.dialect.keys}", "look at Endpoint.headers")


# ── faults ───────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that goes wrong: how the server is told, the errors that it may be, and what they hold."""

    befall: Callable[[Loopback], Any]
    kinds: tuple[type[ProviderError], ...] = (ProviderError,)
    retry_after: float | None = None
    words: str = ""
    only_streams: bool = False


TIMES = 4
"""How often a fault befalls: some SDKs repeat a request that broke off whatever they are told."""

LUCK = "There is no luck in it."

FAULTS: Mapping[str, Fault] = {
    "a wrong key": Fault(lambda server: server.fail(401, message=LUCK), (errors.AuthenticationError,), words=LUCK),
    "too many requests": Fault(
        lambda server: server.fail(429, message=LUCK, headers={"retry-after": "7"}),
        (errors.RateLimited,),
        words=LUCK,
        retry_after=7.0,
    ),
    "a bad request": Fault(lambda server: server.fail(400, message=LUCK), (errors.BadRequest,), words=LUCK),
    "a server's error": Fault(lambda server: server.fail(500, message=LUCK), (errors.ServerError,), words=LUCK),
    "an error under status 200": Fault(lambda server: server.fail(200, message=LUCK)),
    "an HTML page": Fault(lambda server: server.raw(200, "<html>sign in</html>", content_type="text/html")),
    "an empty body": Fault(lambda server: server.raw(200, b"")),
    "an error in a stream": Fault(
        lambda server: server.fail(503, message=LUCK, after_events=2), words=LUCK, only_streams=True
    ),
    # these at the end: a connection that broke may be found to be so by the next request
    "a cut connection": Fault(
        lambda server: server.cut().reply(SOMEBODY), (errors.ConnectionFailed, errors.ProtocolError)
    ),
    "a cut answer": Fault(
        lambda server: server.cut(60).reply(SOMEBODY), (errors.ConnectionFailed, errors.ProtocolError)
    ),
}


async def faults(subject: Subject, way: Way) -> None:
    """Each fault is an error of the house, in one piece and streamed."""
    with _server(subject) as server:
        async with opened(subject, server, way) as client:
            for name, fault in FAULTS.items():
                for method in ("create_partial",) if fault.only_streams else ("create", "create_partial"):
                    server.clear()
                    for _ in range(TIMES):
                        fault.befall(server)
                    await _fails(subject, way, f"{way}: {name}, {method}", client, method, fault)


async def _fails(subject: Subject, way: Way, what: str, client: Any, method: str, fault: Fault) -> None:
    kinds: tuple[type[ProviderError], ...] = fault.kinds
    waits: set[float | None] = {fault.retry_after}
    if way.make:  # some SDKs call a break a timeout, and keep the headers to themselves
        kinds, waits = (*kinds, errors.ProviderTimeout), {*waits, None}
    try:
        result = getattr(client, method)(Person, "Who?", max_retries=0, timeout=20)
        value = await (settled(result) if method == "create" else _awaitable(result))
    except kinds as error:
        if fault.retry_after is not None and error.retry_after not in waits:
            broken(subject, f"{what}: retry_after is {error.retry_after}", "do not overwrite it in error()", error)
        if fault.words not in str(error) and not way.make:
            broken(
                subject,
                f"{what}: the provider's words are lost: {error}",
                "take them from the body, or the event",
                error,
            )
        if error.provider != subject.adapter.name:
            broken(subject, f"{what}: the error is of {error.provider!r}", "give provider=self.name", error)
        return
    except Exception as error:
        names = " or ".join(kind.__name__ for kind in fault.kinds)
        broken(
            subject,
            f"{what}: {type(error).__name__}: {error}",
            f"it should be a {names}: look at error(), deltas, or at the bridge's error()",
            error,
        )
    broken(
        subject, f"{what}: nothing is raised, {value!r:.200} comes back", "raise what the adapter's error() makes of it"
    )
