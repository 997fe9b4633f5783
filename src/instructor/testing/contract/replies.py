"""Checks of `decode`, `deltas` and `error`: what the dialect says is what the reply holds, in one piece or in many.

decode   text, an object in every mode, calls, refusal, cut-off, thoughts, usage; the reply goes back as history
stream   the same from events, however they are cut into pieces; unknown events are passed over
errors   statuses and bodies, also odd ones, become the errors of the house
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import replace
from functools import partial, reduce
from typing import Any

from ... import errors
from ...adapter import Framing, family
from ...drivers.streams import decoder
from ...errors import ProviderError
from ...ir import (
    CallDelta,
    Counted,
    Delta,
    Finish,
    Message,
    Part,
    Reasoning,
    ReasoningDelta,
    RefusalDelta,
    Reply,
    Stopped,
    Text,
    TextDelta,
    ToolCall,
    ToolResult,
    Usage,
)
from ...modes import Mode, find
from ...values import dataclass
from ..dialect import Asked, Bill
from ..turns import Answer, Calls, Refusal, Truncated, Turn, Value, jsonable, speak
from ..turns import Text as Said
from .cells import LOOK, PERSON, SHAPES, SOMEBODY, Shape, arrived, cell
from .subject import Check, Subject, broken
from .wire import accepted, encoded

BILL = Bill(input=1_100_011, output=170_017, read=300_003)
"""Figures that stand nowhere else."""
CUTS = ((1, 64), (5, 1 << 20), (1000, 1))
"""How a stream is cut: characters in a delta, bytes that the decoder is fed with at a time."""

HELLO = SHAPES["plain"](Text("Hello."))
WITH_TOOLS = SHAPES["beside the caller's own tools"](Text("Look."))


@dataclass(frozen=True, slots=True)
class Exchange:
    """A question, and what the model says to it."""

    name: str
    answer: Answer
    mode: Mode | None = None
    shape: Shape = HELLO


def checks(subject: Subject) -> Iterator[Check]:
    """All checks of replies."""
    for exchange in exchanges(subject):
        yield Check(f"decode: {exchange.name}", partial(decoded, subject, exchange))
        yield Check(f"stream: {exchange.name}", partial(streamed, subject, exchange))
    yield Check("stream: unknown events", partial(unknown_events, subject))
    yield Check("decode: what is no answer", partial(no_answer, subject))
    yield Check("errors: by status", partial(failures, subject))


def exchanges(subject: Subject) -> Iterator[Exchange]:
    """Everything that a model may say."""
    row = family(subject.adapter, subject.model)
    yield Exchange("text", Said("Hello, “wörld” \\ \n of 𝄞."))
    yield Exchange("thoughts", Said("Four.", thinking="Two and two."))
    yield Exchange("a refusal", Refusal("I will not."))
    yield Exchange("cut off", Truncated("The answer is"))
    for mode in row.modes:
        yield Exchange(f"an object in {mode.name}", Value(jsonable(SOMEBODY)), mode)
    if Mode.TOOLS in row.modes:
        calls = Calls(((LOOK.name, '{"at": 1}'), (LOOK.name, '{"at": 2}')))
        yield Exchange("calls", calls, None, WITH_TOOLS)


def _asked(subject: Subject, exchange: Exchange, streaming: bool) -> tuple[Asked, Turn]:
    """The request as it arrives, and the turn that the model takes."""
    request = cell(subject, subject.model, exchange.mode, exchange.shape)
    asked = arrived(subject, encoded(subject, request, exchange.name), streaming=streaming)
    return asked, speak(exchange.answer, subject.dialect.wants(asked.body))


def _whole(subject: Subject, exchange: Exchange) -> tuple[Reply, Turn, Mapping[str, Any]]:
    """The reply to a complete answer."""
    asked, turn = _asked(subject, exchange, False)
    wire = json.loads(json.dumps(subject.dialect.complete(turn, asked, BILL)))
    try:
        return subject.adapter.decode(wire), turn, wire
    except Exception as error:
        broken(
            subject,
            f"decode fails for {exchange.name}: {type(error).__name__}: {error}\n  {json.dumps(wire):.600}",
            "decode gives a Reply for every answer, also one that is refused or cut off: `finish` says so",
            error,
        )


def decoded(subject: Subject, exchange: Exchange) -> None:
    """The reply to a complete answer holds what was said, twice alike, and can go back as history."""
    reply, turn, wire = _whole(subject, exchange)
    before = deepcopy(wire)
    if subject.adapter.decode(wire) != reply or wire != before:
        broken(
            subject,
            f"decode of {exchange.name} writes into the answer, or differs the second time",
            "copy, keep nothing",
        )
    _holds(subject, exchange, reply, turn)
    usage = reply.usage
    if usage.output != BILL.output or usage.input not in (BILL.input, BILL.input + BILL.read):
        broken(
            subject,
            f"the usage of {exchange.name} is {usage}, and the model took {BILL}",
            "input counts all input, what was read from a cache too; output what was written",
        )
    if usage.cache_read not in (0, BILL.read):
        broken(subject, f"cache_read is {usage.cache_read}, not {BILL.read}", "count what the cache spared, once")
    if exchange.mode is not None and json.loads(find(reply, PERSON)) != SOMEBODY:
        broken(subject, f"{exchange.name} comes back changed: {find(reply, PERSON)}", "keep the model's JSON text")
    _goes_back(subject, exchange, reply)


def _holds(subject: Subject, exchange: Exchange, reply: Reply, turn: Turn) -> None:
    """What was said is in the reply, and why it ended."""
    if turn.text is not None and not turn.calls and reply.text != turn.text:
        broken(
            subject, f"the text is {reply.text!r}, and the model said {turn.text!r}", "join text parts, drop nothing"
        )
    if [(call.name, json.loads(call.arguments)) for call in reply.calls] != [
        (name, json.loads(arguments)) for name, arguments in turn.calls
    ]:
        broken(
            subject,
            f"the calls are {reply.calls}, and the model made {turn.calls}",
            "make a ToolCall of each, in order",
        )
    if len({call.id for call in reply.calls}) < len(reply.calls):
        broken(subject, "calls have the same id", "number them where the API gives no ids: results refer to them")
    said = reasoning(reply)
    if turn.thinking and said not in ("", turn.thinking):
        broken(subject, f"the thoughts are {said!r}, and were {turn.thinking!r}", "make one Reasoning of each block")
    ends = _ends(turn, reply)
    if reply.finish not in ends:
        broken(
            subject,
            f"{exchange.name} finishes as {reply.finish!r}",
            f"map the API's reason to {' or '.join(map(repr, sorted(ends)))}",
        )


def _ends(turn: Turn, reply: Reply) -> set[str]:
    if turn.truncated:
        return {"length"}
    if turn.refusal is not None:  # where a format has no refusals, the words are a text
        return {"refusal", "filter"} if turn.refusal not in reply.text else {"refusal", "filter", "stop"}
    return {"tools", "stop"} if turn.calls else {"stop"}


def reasoning(reply: Reply) -> str:
    """All that the model thought."""
    return "".join(part.text for part in reply.parts if isinstance(part, Reasoning))


def _goes_back(subject: Subject, exchange: Exchange, reply: Reply) -> None:
    """The reply's parts are a turn in history that encode takes."""
    if not reply.parts:
        return
    results: tuple[Part, ...] = tuple(ToolResult(call.id, (Text("seen"),)) for call in reply.calls)
    last = Message("tool", results) if results else Message("user", (Text("And?"),))
    messages = (*exchange.shape.messages, Message("assistant", reply.parts), last)
    request = cell(subject, subject.model, exchange.mode, replace(exchange.shape, messages=messages))
    what = f"the reply to {exchange.name} as history"
    accepted(subject, encoded(subject, request, what), what)


# ── streams ──────────────────────────────────────────────────────────────────────────────────────


def streamed(subject: Subject, exchange: Exchange) -> None:
    """Deltas add up to what decode makes of the answer in one piece, however they arrive."""
    reply, _, _ = _whole(subject, exchange)
    for characters, size in CUTS:
        data = _stream(subject, exchange, characters)
        how = f"{exchange.name}, {characters} characters a delta, {size} bytes at a time"
        _same(subject, how, _gathered(subject, exchange, data, size), reply, data)


def _stream(subject: Subject, exchange: Exchange, characters: int) -> bytes:
    asked, turn = _asked(subject, exchange, True)
    return b"".join(subject.dialect.events(turn, asked, BILL, characters))


def _framing(subject: Subject) -> Framing:
    endpoint = subject.provider.endpoint
    return endpoint.framing if endpoint else Framing.SSE


def _gathered(subject: Subject, exchange: Exchange, data: bytes, size: int, noise: Any = None) -> Reply:
    """What a stream's bytes add up to. `noise` is an event that nobody knows, put between all others."""
    bytes_in = decoder(_framing(subject), subject.adapter.name)
    events: list[Any] = []
    for at in range(0, len(data), size):
        events += bytes_in.feed(data[at : at + size])
    events += [] if bytes_in.ended else bytes_in.rest()
    deltas: list[Delta] = []
    for event in events:
        for one in (event,) if noise is None else (noise, event):
            try:
                deltas += subject.adapter.deltas(one)
            except Exception as error:
                broken(
                    subject,
                    f"deltas fails for {exchange.name}: {type(error).__name__}: {error}\n  {one!r:.300}",
                    "pass over what is not known: APIs add events; an error event becomes a ProviderError",
                    error,
                )
    return added_up(deltas)


def added_up(deltas: list[Delta]) -> Reply:
    """The reply that pieces make."""
    text = {
        kind: "".join(one.text for one in deltas if isinstance(one, kind))
        for kind in (TextDelta, ReasoningDelta, RefusalDelta)
    }
    pieces = [one for one in deltas if isinstance(one, CallDelta)]
    calls = []
    for index in dict.fromkeys(piece.index for piece in pieces):
        mine = [piece for piece in pieces if piece.index == index]
        id, name = (next((getattr(piece, key) for piece in mine if getattr(piece, key)), "") for key in ("id", "name"))
        calls.append(ToolCall(id, name, "".join(piece.arguments for piece in mine)))
    said = [Reasoning(text[ReasoningDelta])] if text[ReasoningDelta] else []
    parts: tuple[Part, ...] = (*said, *([Text(text[TextDelta])] if text[TextDelta] else []), *calls)
    ends: list[Finish] = ["other", *(one.finish for one in deltas if isinstance(one, Stopped))]
    counts = reduce(Usage.latest, (one.usage for one in deltas if isinstance(one, Counted)), Usage())
    refusal = text[RefusalDelta] or None
    return Reply(parts, "refusal" if refusal else ends[-1], counts, refusal=refusal)


def _same(subject: Subject, how: str, came: Reply, reply: Reply, data: bytes) -> None:
    said = [(call.name, json.loads(call.arguments)) for call in reply.calls]
    try:
        streamed = [(call.name, json.loads(call.arguments)) for call in came.calls]
    except ValueError:
        streamed = [(call.name, call.arguments) for call in came.calls]
    pairs: list[tuple[str, Any, Any]] = [
        ("text", came.text, reply.text),
        ("calls", streamed, said),
        ("reasoning", reasoning(came), reasoning(reply)),
        ("refusal", came.refusal, reply.refusal),
        ("finish", _finish(came), _finish(reply)),
    ]
    if str(BILL.output).encode() in data:  # some streams count nothing
        pairs.append(("usage", came.usage, reply.usage))
    for name, one, other in pairs:
        if one != other:
            broken(
                subject,
                f"streamed ({how}) the {name} is {one!r:.200}, in one piece {other!r:.200}",
                "yield a TextDelta, CallDelta (index, and id, name, arguments as they come), ReasoningDelta, RefusalDelta, "
                "Stopped, Counted for what decode reads",
            )


def _finish(reply: Reply) -> str:
    """Why it ended. A stream that stops after calls may say no more than that it stops."""
    return "tools" if reply.calls and reply.finish == "stop" else reply.finish


UNKNOWN_EVENTS: tuple[Mapping[str, Any], ...] = (
    {"type": "brand.new", "brandNew": {"x": [1, None]}},
    {"brandNew": {"x": 1}},
)


def unknown_events(subject: Subject) -> None:
    """Events that nobody knows change nothing."""
    for exchange in exchanges(subject):
        reply, _, _ = _whole(subject, exchange)
        data = _stream(subject, exchange, 5)
        for noise in UNKNOWN_EVENTS:
            how = f"{exchange.name}, with unknown events between"
            _same(subject, how, _gathered(subject, exchange, data, 1 << 20, noise), reply, data)


# ── failures ─────────────────────────────────────────────────────────────────────────────────────

NO_ANSWERS: tuple[Mapping[str, Any], ...] = ({}, {"brandNew": 1}, {"message": "no"}, {"id": None, "type": "thing"})


def no_answer(subject: Subject) -> None:
    """What is not an answer of the format is a ProviderError, not a KeyError."""
    for wire in NO_ANSWERS:
        try:
            reply = subject.adapter.decode(wire)
        except ProviderError:
            continue
        except Exception as error:
            broken(
                subject,
                f"decode({wire}) raises {type(error).__name__}: {error}",
                "raise ProtocolError where the answer is not of the format",
                error,
            )
        broken(subject, f"decode({wire}) gives {reply}", "raise ProtocolError where the answer is not of the format")


STATUSES: Mapping[int, tuple[type[ProviderError], ...]] = {
    400: (errors.BadRequest,),
    401: (errors.AuthenticationError,),
    403: (errors.PermissionDenied, errors.AuthenticationError),
    404: (errors.NotFound,),
    413: (errors.RequestTooLarge, errors.BadRequest),
    418: (errors.BadRequest,),
    422: (errors.BadRequest,),
    429: (errors.RateLimited,),
    500: (errors.ServerError,),
    502: (errors.ServerError,),
    503: (errors.Overloaded, errors.ServerError),
    529: (errors.Overloaded, errors.ServerError),
}

ODD_BODIES: tuple[Any, ...] = (
    None,
    "",
    "<html>sign in</html>",
    [],
    [1],
    {},
    {"error": None},
    {"error": "x"},
    {"detail": [{}]},
    7,
)


def failures(subject: Subject) -> None:
    """Each status is the error of its kind, with the provider's words; odd bodies are no reason to fail otherwise."""
    for status, kinds in STATUSES.items():
        words = "There is no luck in it."
        error = subject.adapter.error(status, subject.dialect.error(status, words, None, 1))
        if not isinstance(error, kinds):
            broken(
                subject,
                f"status {status} is a {type(error).__name__}",
                f"make it a {kinds[0].__name__} (instructor.providers.from_status does)",
            )
        if words not in str(error) or error.provider != subject.adapter.name or error.status != status:
            broken(
                subject,
                f"the error of status {status} says {error}, of provider {error.provider!r}, status {error.status}",
                "keep the provider's message, and give provider=, status= and body=",
            )
        for body in ODD_BODIES:
            _odd(subject, status, body)


def _odd(subject: Subject, status: int, body: Any) -> None:
    try:
        error = subject.adapter.error(status, body)
    except Exception as fault:
        broken(
            subject,
            f"error({status}, {body!r}) raises {type(fault).__name__}: {fault}",
            "take any body, None too",
            fault,
        )
    if not isinstance(error, ProviderError):
        broken(subject, f"error({status}, {body!r}) gives a {type(error).__name__}", "return a ProviderError")
