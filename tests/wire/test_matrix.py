"""Every medium × every provider: a body that the provider's own types accept and that keeps every limit of its tables, or
the one typed error. There is no third outcome, and no cell is left out.

The cells are made from the tables: a new row, type or sample is looked at without a line here. What fitting gives for a
medium and the same limits is kept, so that nothing is rendered twice.
"""

from __future__ import annotations

import io
import json
import random
from collections.abc import Callable, Iterator, Mapping
from copy import copy
from dataclasses import replace
from functools import cache
from typing import Any

import pytest
from PIL import Image as Pillow
from pydantic import BaseModel

import instructor.fit.frames
import instructor.fit.pdf
from instructor import PDF, Audio, Document, Image, Video
from instructor.adapter import Adapter
from instructor.effects import Emit, Flow, Together, Work
from instructor.engine import Task, asking
from instructor.errors import MediaError
from instructor.fetch import MediaPolicy
from instructor.fit import Fit, Limits
from instructor.fit.audio import duration
from instructor.fit.dimensions import dimensions
from instructor.fit.headers import read_header
from instructor.fit.pdf import page_count
from instructor.ir import Message, Part, Request, Text
from instructor.media import Media, materialised
from instructor.output import target
from instructor.preflight import encoded
from instructor.providers import _registry
from instructor.settle import medium as fitting
from instructor.settle import settle
from instructor.testing import DIALECTS
from instructor.testing.dialect import Asked
from instructor.testing.oracle import judge, types_known
from tests.unit.core.test_preflight import long_film
from tests.unit.media.samples import drawn, paper, wav
from tests.unit.media.test_sniff_table import KNOWN

JUDGES = {row.name: row for row in DIALECTS}
HEADERS = {"anthropic-version": "2026-10-21"}
MB = 1024**2


class User(BaseModel):
    """A person."""

    name: str
    age: int


# ── rows: media ──────────────────────────────────────────────────────────────────────────────────

VARIANTS = {
    *("png, animated", "jpeg CMYK", "jpeg of several pictures", "gif, animated", "webp, animated", "webp with alpha"),
    *("png I;16", "tiff of several pages", "wav, empty", "mp4, h264", "webm, vp9 with sound", "pdf of pages"),
    *("text in UTF-16", "pdf behind binary junk", "mkv with sound"),
}
"""Beside the first sample of each type, those that are fitted in another way."""


def noise(side: int) -> bytes:
    """A picture that compresses badly."""
    file = io.BytesIO()
    Pillow.frombytes("RGB", (side, side), random.Random(side).randbytes(side * side * 3)).save(
        file, "PNG", compress_level=1
    )
    return file.getvalue()


OVER: Mapping[str, Callable[[], list[Media]]] = {
    "a picture with a long side": lambda: [Image.from_bytes(drawn("PNG", size=(10_400, 10))())],
    "a picture of 5 MB": lambda: [Image.from_bytes(noise(1300))],
    "three pictures of 2 MB": lambda: [Image.from_bytes(noise(800 + i)) for i in range(3)],
    "25 pictures, one of them larger": lambda: [
        Image.from_bytes(drawn("PNG", size=(2400 if i == 3 else 20 + i, 10))()) for i in range(25)
    ],
    "9 pictures": lambda: [Image.from_bytes(drawn("PNG", size=(10 + i, 10))()) for i in range(9)],
    "101 pictures": lambda: [Image.from_bytes(drawn("PNG", size=(10, 10))()) for _ in range(101)],
    "a PDF of 101 pages": lambda: [PDF.from_bytes(paper(pages=101)())],
    "six PDFs": lambda: [PDF.from_bytes(paper(pages=1 + i)()) for i in range(6)],
    "a PDF and a picture": lambda: [PDF.from_bytes(paper()()), Image.from_bytes(drawn("PNG")())],
    "11 films": lambda: [Video.from_bytes(_sample("webm, vp8")) for _ in range(11)],
    "a film of many frames and a large picture": lambda: [
        Video.from_bytes(long_film(12)),
        Image.from_bytes(drawn("PNG", size=(2400, 10))()),
    ],
    "22 minutes of sound": lambda: [Audio.from_bytes(wav(width=1, seconds=1320)())],
    "half a picture": lambda: [Image.from_bytes(drawn("JPEG", size=(64, 64))()[:400])],
    "a picture that the provider holds": lambda: [Image.from_file_id("files/abc")],
    "a PDF that the provider holds": lambda: [PDF.from_file_id("files/abc")],
}
"""Too large, too many, damaged, elsewhere."""


def _sample(label: str) -> bytes:
    return next(make() for name, _, _, make in KNOWN if name == label)


@cache
def samples() -> Mapping[str, list[Media]]:
    """Label → the media of one request."""
    found: dict[str, list[Media]] = {}
    types: set[tuple[type[Media], str]] = set()
    for label, kind, mime, make in KNOWN:
        if (kind, mime) not in types or label in VARIANTS:
            types.add((kind, mime))
            found[label] = [kind.from_bytes(make(), name=f"sample of {label}")]
    return found | {label: make() for label, make in OVER.items()}


def test_there_is_a_sample_of_every_type_that_is_known() -> None:
    types = {(type(media[0]), media[0].media_type) for label, media in samples().items() if label not in OVER}
    for kind in (Image, Audio, Video, PDF, Document):
        for magic in kind.magic:
            assert (kind, magic.media_type) in types or magic.weak, magic.media_type
    assert len(types) >= 40


# ── rows: providers ──────────────────────────────────────────────────────────────────────────────

MODELS: Mapping[str, tuple[str, ...]] = {
    "openai": ("gpt-4o-mini", "gpt-6"),
    "responses": ("gpt-4.1-mini",),
    "anthropic": ("claude-haiku-4-5", "claude-opus-5-5"),
    "bedrock": ("us.anthropic.claude-opus-4-8-v1:0", "amazon.nova-pro-v1:0"),
    "gemini": ("gemini-2.5-flash", "gemini-3.8-flash"),
    "mistral": ("mistral-medium-latest",),
    "cohere": ("command-a-vision-07-2025", "command-a-03-2025"),
    "ollama": ("llama3.2-vision", "gemma4:12b"),
    "embedded": ("reader",),
}
"""Dialect → models of different families."""


def canonical() -> Iterator[tuple[str, Adapter]]:
    seen: set[int] = set()
    for name in _registry.names():
        adapter = _registry.find(name).adapter
        if id(adapter) not in seen:
            seen.add(id(adapter))
            yield name, adapter


def models(name: str, adapter: Adapter) -> tuple[str, ...]:
    if name == "llamacpp":
        return ("",)  # its adapter is made for a file
    if name == adapter.dialect or adapter.dialect != "openai":
        return MODELS[adapter.dialect]
    return ("some-model",)


COLUMNS = [(name, model) for name, adapter in canonical() for model in models(name, adapter)]

# ── a cell ───────────────────────────────────────────────────────────────────────────────────────


def driven(flow: Flow[Any]) -> Any:
    """What a flow comes to that needs nothing but this machine."""
    answer: Any = None
    failure: BaseException | None = None
    while True:
        try:
            effect = flow.throw(failure) if failure else flow.send(answer)
        except StopIteration as end:
            return end.value
        answer = failure = None
        try:
            if isinstance(effect, Work):
                answer = effect.run()
            elif isinstance(effect, Together):
                answer = tuple(map(driven, effect.flows))
            elif not isinstance(effect, Emit):
                raise AssertionError(f"it would do {type(effect).__name__}")
        except MediaError as error:
            failure = error


def outcome(name: str, model: str, media: list[Media]) -> tuple[Request, Any] | MediaError:
    """The settled request and its wire dict, or the error."""
    adapter = _registry.find(name).adapter
    parts: tuple[Part, ...] = (Text("Who is this?"), *media)
    request = Request(model, (Message("user", parts),))
    try:
        settled = driven(settle(adapter, request, MediaPolicy(), Fit.AUTO))
        asked = asking(Task(adapter, model, (), target(User)), target(User), settled)
        return settled, encoded(adapter, asked.sent(Task(adapter, model, (), None).tools))
    except MediaError as error:
        return error


BEYOND = {"wav", "mp3", "flac", "m4a", "ogg", "aiff", "aac"}


def judged(name: str, wire: Any) -> str | None:
    """What the provider's own types have against a body."""
    provider = _registry.find(name)
    if provider.adapter.dialect == "embedded":
        odd = [
            part for message in wire["messages"] for part in message["parts"] if set(part) not in ({"text"}, {"medium"})
        ]
        return f"{odd}" if odd else None
    endpoint = provider.endpoint
    path, body = endpoint.place(wire, False) if endpoint and endpoint.place else ("", wire)
    arrived = json.loads(json.dumps(materialised(body), allow_nan=False))
    dialect = provider.adapter.dialect
    row = JUDGES.get(name) or JUDGES["openai-responses" if dialect == "responses" else dialect]
    if dialect == "openai" and name not in JUDGES:
        row, arrived = replace(row, rules=()), within_openai(arrived)
    assert types_known(row), f"the judge of {name} needs its SDK"
    problem = judge(row, Asked(arrived, HEADERS, path=path))
    return f"{row.path(problem.path)}: {problem.message}" if problem else None


def within_openai(body: Any) -> Any:
    """A body whose parts beyond OpenAI's own stand under the nearest of its names, once they are seen to be of their form."""
    for message in body["messages"]:
        for part in message["content"] if isinstance(message["content"], list) else ():
            if part["type"] == "video_url":
                assert set(part) == {"type", "video_url"}
                part["type"] = "image_url"
                part["image_url"] = part.pop("video_url")
            if part["type"] == "input_audio" and part["input_audio"]["format"] in BEYOND:
                part["input_audio"]["format"] = "wav"
    return body


# ── limits ───────────────────────────────────────────────────────────────────────────────────────


def broken(adapter: Adapter, request: Request, wire: Any) -> list[str]:
    """The limits of the tables that a request does not keep, counted here anew."""
    media = [part for message in request.messages for part in message.parts if isinstance(part, Media)]
    found: list[str] = []
    for kind in {type(medium) for medium in media}:
        row, alike = adapter.media[kind], [medium for medium in media if type(medium) is kind]
        if row.most is not None and len(alike) > row.most:
            found.append(f"{len(alike)} of {kind.__name__}, {row.most} are taken")
        for medium in alike:
            if medium.at_hand:
                found += over(row.limits_among(len(alike)), medium)
    whole = adapter.whole.of(request.model)
    content = sum(
        -(-(medium.size or 0) // 3) * 4 for medium in media if medium.at_hand and not isinstance(medium, Document)
    )
    size = len(json.dumps(materialised(wire), ensure_ascii=False).encode()) if whole.max_body else 0
    pages = sum(counted(page_count, medium) for medium in media if isinstance(medium, PDF) and medium.at_hand)
    figures = (
        (whole.max_body, size, "bytes"),
        (whole.max_media, content, "bytes of media"),
        (whole.max_pages, pages, "pages"),
    )
    found += [
        f"{actual} {unit}, {most} are taken" for most, actual, unit in figures if most is not None and actual > most
    ]
    for row_ in whole.sums:
        alike = [medium for medium in media if isinstance(medium, row_.kinds)]
        size = sum(medium.size or 0 for medium in alike)
        if row_.most is not None and len(alike) > row_.most:
            found.append(f"{len(alike)} of {row_.kinds}")
        if row_.max_bytes is not None and not row_.encoded and size > row_.max_bytes:
            found.append(f"{size} bytes of {row_.kinds}")
        if row_.max_seconds is not None and sum(counted(duration, medium) for medium in alike) > row_.max_seconds:
            found.append(f"too long: {row_.kinds}")
    return found


def over(limits: Limits, medium: Media) -> Iterator[str]:
    """The limits of one medium that it does not keep."""
    if medium.media_type not in limits.mimes:
        yield f"{medium!r} is not taken"
    if not limits.takes_bytes(medium.size or 0):
        yield f"{medium!r} is too large"
    if isinstance(medium, Image):
        if not limits.takes_size(*dimensions(medium)):
            yield f"{medium!r} has too many pixels: {dimensions(medium)}"
        if not limits.animated and read_header(medium).animated:
            yield f"{medium!r} moves"
    if isinstance(medium, PDF) and limits.max_pages is not None and counted(page_count, medium) > limits.max_pages:
        yield f"{medium!r} has too many pages"
    most = limits.max_seconds
    if isinstance(medium, Audio | Video) and most is not None and counted(duration, medium) > most:
        yield f"{medium!r} is too long"


MEASURED: dict[tuple[Any, int], tuple[Media, float]] = {}


def counted(measure: Callable[[Any], float | None], medium: Media) -> float:
    key = (measure, id(medium))
    if key not in MEASURED:
        MEASURED[key] = (medium, measure(medium) or 0)
    return MEASURED[key][1]


# ── the matrix ───────────────────────────────────────────────────────────────────────────────────


class Kept:
    """A fitting function that does nothing twice."""

    def __init__(self) -> None:
        self.known: dict[Any, tuple[Any, Any]] = {}

    def over(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def fitted(medium: Media, *args: Any) -> Any:
            key = (function.__name__, id(medium), repr(args))
            if key not in self.known:
                try:
                    self.known[key] = (medium, function(medium, *args))
                except MediaError as error:
                    self.known[key] = (medium, error)
            result = self.known[key][1]
            if isinstance(result, MediaError):
                raise copy(result)
            return result

        return fitted


KEPT = Kept()


@pytest.fixture(autouse=True)
def nothing_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOOGLE_CLOUD_PROJECT", "project")
    fitters = {kind: KEPT.over(function) for kind, function in fitting.fitters().items()}
    monkeypatch.setattr(fitting, "fitters", lambda: fitters)
    monkeypatch.setattr(instructor.fit.frames, "frames", KEPT.over(instructor.fit.frames.frames))
    monkeypatch.setattr(instructor.fit.pdf, "rasterise", KEPT.over(instructor.fit.pdf.rasterise))


@pytest.mark.parametrize(("name", "model"), COLUMNS, ids=[f"{name} {model}".strip() for name, model in COLUMNS])
def test_every_medium_is_sent_within_the_limits_or_refused(name: str, model: str) -> None:
    adapter = _registry.find(name).adapter
    wrong: list[str] = []
    sent = 0
    for label, media in samples().items():
        got = outcome(name, model, media)
        if isinstance(got, MediaError):
            told = [got, *got.problems]
            wrong += [f"{label}: an error without words or place: {error!r}" for error in told if len(str(error)) < 20]
            continue
        sent += 1
        request, wire = got
        problems = [*broken(adapter, request, wire), judged(name, wire)]
        wrong += [f"{label}: {problem}" for problem in problems if problem]
    assert not wrong, "\n".join(wrong)
    assert sent >= 15, "of so many samples some can be sent to everybody"


def test_every_provider_is_a_column() -> None:
    columns = {id(_registry.find(name).adapter) for name, _ in COLUMNS}
    assert columns == {id(_registry.find(name).adapter) for name in _registry.names()}
