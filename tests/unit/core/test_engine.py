"""One `create()` as a flow, driven by hand: no mocks, no event loop, no network."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image as Pillow
from pydantic import BaseModel, field_validator

from instructor import PDF, Image, Mode
from instructor.adapter import Accepts, Family, Whole
from instructor.effects import Answer, Call, Emit, Get, Got, Resolve, Together, Work
from instructor.engine import Outcome, Task, extract
from instructor.errors import (
    BadRequest,
    BlockedAddress,
    IncompleteOutputException,
    InstructorRetryException,
    MediaError,
    MediaTooLarge,
    MessageError,
    ModeError,
    ProviderError,
    RefusalError,
    UnreadableMedia,
    UnsupportedMedia,
)
from instructor.fit import Fit, Limits
from instructor.ir import JsonObject, OutputSchema, Reply, Request, Text, ToolCall, ToolResult, Usage
from instructor.media import Audio, Media
from instructor.output import PLAIN, target
from instructor.retry import RetryPolicy
from tests.media import PAPER


class User(BaseModel):
    name: str
    age: int

    @field_validator("age")
    @classmethod
    def adult(cls, age: int) -> int:
        if age < 18:
            raise ValueError("must be an adult")
        return age


MODES = (Mode.TOOLS, Mode.JSON_SCHEMA, Mode.JSON, Mode.MD_JSON)
"""Those that a family's table may hold."""


class Toy:
    """An adapter whose wire form is the neutral request itself, and whose answers are replies."""

    name = "toy"
    dialect = "toy"
    caches = True
    media: Mapping[type[Media], Accepts] = {
        Image: Accepts(
            Limits(frozenset({"image/png"}), max_bytes=4000, max_edge=40),
            frozenset({"bytes", "url"}),
            lambda m: {"m": m},
            crowd=(2, Limits(frozenset({"image/png"}), max_bytes=4000, max_edge=4)),
        ),
        PDF: Accepts(Limits(frozenset({"application/pdf"})), frozenset({"bytes"}), lambda m: {"m": m}),
    }
    whole = Whole()
    families = (
        Family(re.compile("picky"), {Mode.TOOLS: PLAIN}, frozenset({Mode.TOOLS})),
        Family(re.compile(""), dict.fromkeys(MODES, PLAIN)),
    )

    def encode(self, request: Request) -> dict[str, Any]:
        return {"request": request}

    def decode(self, wire: Mapping[str, Any]) -> Reply:
        reply: Reply = wire["reply"]
        return reply

    def error(self, status: int, body: Any) -> ProviderError:
        return BadRequest(str(body))


GOOD = '{"name": "Ann", "age": 30}'


def picture(format: str = "PNG", side: int = 8) -> bytes:
    stream = io.BytesIO()
    Pillow.new("RGB", (side, side), "red").save(stream, format)
    return stream.getvalue()


PNG = picture()


def task(**changes: Any) -> Task[Any]:
    base: Task[Any] = Task(Toy(), "m", "Ann is 30", target(User))
    return replace(base, **changes)


def say(text: str, **fields: Any) -> Reply:
    return Reply((Text(text),), usage=Usage(10, 5), **fields)


Rows = dict[type, Callable[[Any], Any]]


def drive(given: Task[Any], *replies: Reply | Exception, rows: Rows | None = None) -> tuple[Any, list[Any]]:
    """What the flow comes to, and the effects it yielded."""
    effects: list[Any] = []
    return follow(extract(given), list(replies), rows or {}, effects), effects


def follow(flow: Any, left: list[Any], rows: Rows, effects: list[Any]) -> Any:
    """What a flow comes to; flows that it has run together are run in their order."""
    step: Callable[[], Any] = flow.__next__
    while True:
        try:
            effect = step()
        except StopIteration as end:
            return end.value
        effects.append(effect)
        if isinstance(effect, Call):
            answer: Any = left.pop(0)
            answer = answer if isinstance(answer, Exception) else Answer({"reply": answer}, f"raw {len(effects)}")
        elif isinstance(effect, Work):
            try:
                answer = effect.run()
            except Exception as error:
                answer = error
        elif isinstance(effect, Together):
            answer = tuple(follow(inner, left, rows, effects) for inner in effect.flows)
        else:
            answer = rows.get(type(effect), lambda _: None)(effect)
        step = (lambda e=answer: flow.throw(e)) if isinstance(answer, Exception) else (lambda v=answer: flow.send(v))


def calls(effects: list[Any]) -> list[Request]:
    return [effect.wire["request"] for effect in effects if isinstance(effect, Call)]


def test_a_valid_answer_comes_back_as_the_object() -> None:
    outcome, effects = drive(task(), say(GOOD))
    assert isinstance(outcome, Outcome)
    assert outcome.value == User(name="Ann", age=30)
    assert outcome.reply.raw.startswith("raw")
    assert outcome.usage == Usage(10, 5)
    told = [e.event.name for e in effects if isinstance(e, Emit)]
    assert told == ["completion:kwargs", "completion:response", "completion:usage"]


def test_no_target_gives_the_answer_itself() -> None:
    outcome, effects = drive(task(target=None), say("hello"))
    assert outcome.value == outcome.reply.raw
    (request,) = calls(effects)
    assert (request.tools, request.output) == ((), None)


@pytest.mark.parametrize("mode", MODES)
def test_each_mode_asks_in_its_way_and_finds_the_answer(mode: Mode) -> None:
    reply = Reply((ToolCall("c", "User", GOOD),)) if mode is Mode.TOOLS else say(f"Sure:\n```json\n{GOOD}\n```")
    outcome, effects = drive(task(mode=mode), reply)
    assert outcome.value == User(name="Ann", age=30)
    (request,) = calls(effects)
    words = "".join(part.text for m in request.messages if m.role == "system" for part in m.parts)  # type: ignore[union-attr]
    match mode:
        case Mode.TOOLS:
            assert [tool.name for tool in request.tools] == ["User"]
            assert request.choice is not None
            assert request.choice.name == "User"
        case Mode.JSON_SCHEMA:
            assert isinstance(request.output, OutputSchema)
            assert set(request.output.schema["properties"]) == {"name", "age"}
        case Mode.JSON:
            assert request.output == JsonObject()
            assert '"age"' in words
        case Mode.MD_JSON:
            assert request.output is None
            assert "```json" in words


@pytest.mark.parametrize("mode", [Mode.JSON, Mode.MD_JSON])
def test_instructions_join_the_callers_system_message(mode: Mode) -> None:
    given = [{"role": "system", "content": "be brief"}, {"role": "user", "content": "x"}]
    _, effects = drive(task(mode=mode, messages=given), say(GOOD))
    (request,) = calls(effects)
    assert [message.role for message in request.messages] == ["system", "user"]
    assert request.messages[0].parts[0] == Text("be brief")
    assert len(request.messages[0].parts) == 2


@pytest.mark.parametrize(
    "reply",
    [say(GOOD), say(f"<think>hm {{}}</think>{GOOD}"), Reply((ToolCall("c", "User", GOOD),))],
)
@pytest.mark.parametrize("mode", MODES)
def test_the_answer_is_found_wherever_it_is(mode: Mode, reply: Reply) -> None:
    assert drive(task(mode=mode), reply)[0].value.name == "Ann"


def test_a_failed_answer_and_its_problems_are_shown_to_the_model() -> None:
    bad = say('{"name": "Ann", "age": 3}')
    outcome, effects = drive(task(mode=Mode.JSON_SCHEMA), bad, say("no json"), say(GOOD))
    assert outcome.value.age == 30
    assert outcome.usage == Usage(30, 15)
    first, second, third = calls(effects)
    assert second.messages[: len(first.messages)] == first.messages
    answer, feedback = second.messages[-2:]
    assert (answer.role, answer.parts) == ("assistant", bad.parts)
    assert "must be an adult" in feedback.parts[0].text  # type: ignore[union-attr]
    assert "$.age" in feedback.parts[0].text  # type: ignore[union-attr]
    assert len(third.messages) == len(second.messages), "only the latest failed answer rides along"
    assert "no json" in third.messages[-2].parts[0].text  # type: ignore[union-attr]


def test_feedback_to_a_tool_call_is_its_result() -> None:
    bad = Reply((Text("hm"), ToolCall("c1", "User", '{"name": 3}'), ToolCall("c2", "other", "{}")))
    _, effects = drive(task(mode=Mode.TOOLS), bad, say(GOOD))
    answer, results = calls(effects)[1].messages[-2:]
    assert answer.parts == bad.parts
    assert results.role == "tool"
    assert [(part.id, part.is_error) for part in results.parts] == [("c1", True), ("c2", True)]  # type: ignore[union-attr]
    first = results.parts[0]
    assert isinstance(first, ToolResult)
    assert "$.age" in first.parts[0].text  # type: ignore[union-attr]


@pytest.mark.parametrize("retries", [0, 1, 3])
def test_max_retries_is_the_number_of_repetitions(retries: int) -> None:
    bad = [say('{"name": "Ann"}', notes=("dark picture",))] * (retries + 1)
    with pytest.raises(InstructorRetryException) as caught:
        drive(task(retry=RetryPolicy(retries)), *bad)
    error = caught.value
    assert error.n_attempts == len(error.attempts) == retries + 1
    assert error.total_usage == Usage(10, 5) + Usage(10 * retries, 5 * retries)
    assert error.last_completion.startswith("raw")
    assert "Field required @ $.age" in str(error)
    assert "dark picture" in str(error)
    assert "toy (m)" in str(error)
    assert error.__cause__ is error.attempts[-1].error


def test_events_of_a_failing_call() -> None:
    events: list[str] = []
    with pytest.raises(InstructorRetryException):
        drive(
            task(retry=RetryPolicy(1)),
            say("{}"),
            say("{}"),
            rows={Emit: lambda effect: events.append(effect.event.name)},
        )
    once = ["completion:kwargs", "completion:response", "completion:usage", "parse:error"]
    assert events == [*once, "completion:retry", *once, "completion:last_attempt"]


@pytest.mark.parametrize(
    ("reply", "error", "words"),
    [
        (say('{"na', finish="length"), IncompleteOutputException, "cut off at the token limit"),
        (say("", finish="refusal", refusal="I will not"), RefusalError, "I will not"),
        (say("", finish="filter"), RefusalError, "content filter"),
    ],
)
def test_answers_that_are_none(reply: Reply, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words) as caught:
        drive(task(retry=RetryPolicy(5)), reply)
    assert caught.value.reply.text == reply.text  # type: ignore[attr-defined]


def test_provider_errors_pass_with_the_model_and_an_event() -> None:
    with pytest.raises(BadRequest) as caught:
        drive(task(), BadRequest("no", provider="toy"))
    assert caught.value.model == "m"


def test_an_unknown_mode_for_the_model_is_refused() -> None:
    with pytest.raises(ModeError, match=r"does not take Mode.JSON for picky: it takes Mode.TOOLS"):
        drive(task(model="picky", mode=Mode.JSON))


# ── media ────────────────────────────────────────────────────────────────────────────────────────


def web(body: bytes, status: int = 200, addresses: tuple[str, ...] = ("93.184.215.14",)) -> Rows:
    return {Resolve: lambda _: addresses, Get: lambda _: Got(status, {"content-type": "application/pdf"}, body)}


def test_what_the_provider_takes_by_address_is_not_fetched() -> None:
    _, effects = drive(task(messages=[Image.from_url("https://x.org/a.png")]), say(GOOD))
    assert not [e for e in effects if isinstance(e, Resolve | Get)]


def test_what_it_does_not_take_by_address_is_fetched_once() -> None:
    pdf = PDF.from_url("https://x.org/a.pdf", cache_control=True)
    _, effects = drive(
        task(messages=[pdf, "and", pdf.replace(cache_control=None)]), say("{}"), say(GOOD), rows=web(PAPER)
    )
    assert len([e for e in effects if isinstance(e, Get)]) == 1
    first, second = calls(effects)
    one, _, two = first.messages[0].parts
    assert isinstance(one, PDF)
    assert isinstance(two, PDF)
    assert (one.read(), one.cache_control is None, two.cache_control) == (PAPER, False, None)
    assert second.messages[0].parts[0] is one, "a retry sends what was settled"


@pytest.mark.parametrize(
    ("rows", "error", "words"),
    [
        (web(b"<html>"), MediaError, "HTML page.*fetched from"),
        (web(b"", 404), MediaError, "404"),
        (web(b"%PDF-1.4", addresses=("10.0.0.1",)), BlockedAddress, "x.org"),
    ],
)
def test_fetching_that_fails_names_the_part(rows: Rows, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words) as caught:
        drive(task(messages=[{"role": "user", "content": ["x", PDF.from_url("https://x.org/a.pdf")]}]), rows=rows)
    assert caught.value.where == "messages[0].content[1]"  # type: ignore[attr-defined]


def test_all_problems_are_listed_at_once() -> None:
    wav = Audio.from_bytes(b"RIFF\x24\0\0\0WAVEfmt " + b"\0" * 32)
    gif = Image.from_bytes(picture("GIF"))
    big = Image.from_bytes(picture(side=60))
    with pytest.raises(MediaError) as caught:
        drive(task(fit=Fit.STRICT, messages=[{"role": "user", "content": [wav, gif, big]}]))
    text = str(caught.value)
    assert "3 media cannot be sent" in text
    assert "content[0]: toy takes no Audio: it takes Image, PDF" in text
    assert "content[1]: toy takes no image/gif" in text
    assert "content[2]" in text
    assert "60 pixels on its longer side, at most 40" in text


@pytest.mark.parametrize(
    ("medium", "error", "words"),
    [
        (Image.from_file_id("f-1"), UnsupportedMedia, "no file ids"),
        (Image.from_bytes(picture(side=60)), MediaTooLarge, "60 pixels on its longer side, at most 40"),
    ],
)
def test_a_single_problem_keeps_its_type(medium: Media, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        drive(task(messages=[medium], fit=Fit.STRICT))


def test_media_are_made_to_fit_and_the_hooks_are_told() -> None:
    told: list[Any] = []
    given = ["x", Image.from_bytes(picture("GIF", 60), cache_control=True)]
    _, effects = drive(task(messages=given), say(GOOD), rows={Emit: lambda effect: told.append(effect)})
    sent = calls(effects)[0].messages[0].parts[1]
    assert isinstance(sent, Image)
    assert (sent.media_type, sent.cache_control is not None) == ("image/png", True)
    assert Pillow.open(io.BytesIO(sent.read())).size == (40, 40)
    (event,) = [one.event for one in told if one.event.name == "media:fitted"]
    assert event.where == "messages[0].content[1]"
    assert {change.what for change in event.changes} >= {"resized", "re-encoded"}


def test_more_media_in_a_request_may_have_tighter_limits() -> None:
    _, effects = drive(task(messages=["x", *[Image.from_bytes(PNG)] * 3]), say(GOOD))
    sent = [part for part in calls(effects)[0].messages[0].parts if isinstance(part, Image)]
    assert [Pillow.open(io.BytesIO(part.read())).size for part in sent] == [(4, 4)] * 3


def test_media_that_fit_are_the_same_objects() -> None:
    image = Image.from_bytes(PNG)
    _, effects = drive(task(messages=["x", image]), say(GOOD))
    assert calls(effects)[0].messages[0].parts[1] is image


def test_what_is_damaged_is_refused_with_its_place() -> None:
    image = Image.from_bytes(PNG[:8] + b"\0" * 20)
    with pytest.raises(UnreadableMedia, match=r"damaged") as caught:
        drive(task(messages=["x", image]), say(GOOD))
    assert caught.value.where == "messages[0].content[1]"


def test_parts_of_another_dialect_are_translated_or_refused() -> None:
    image = {"type": "image_url", "image_url": {"url": "https://x.org/a.png"}}
    _, effects = drive(task(messages=[{"role": "user", "content": [image]}]), say(GOOD))
    assert calls(effects)[0].messages[0].parts == (Image.from_url("https://x.org/a.png"),)
    with pytest.raises(MessageError, match="toy takes no 'search_result' part of anthropic's API"):
        drive(task(messages=[{"role": "user", "content": [{"type": "search_result"}]}]))


def test_media_in_tool_results_are_settled_too() -> None:
    result = {"type": "tool_result", "tool_use_id": "c", "content": [PDF.from_url("https://x.org/a.pdf")]}
    _, effects = drive(task(messages=[{"role": "user", "content": [result]}]), say(GOOD), rows=web(PAPER))
    part = calls(effects)[0].messages[0].parts[0]
    assert isinstance(part, ToolResult)
    assert part.parts[0].read() == PAPER  # type: ignore[union-attr]


def test_files_are_looked_at_off_the_loop(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(PNG)
    _, effects = drive(task(messages=["x", str(tmp_path / "a.png")], autodetect_media=True), say(GOOD))
    assert isinstance(effects[0], Work)
    assert calls(effects)[0].messages[0].parts[1] == Image.from_path(tmp_path / "a.png")
    assert not [e for e in drive(task(), say(GOOD))[1] if isinstance(e, Work)]
