"""A real engine, really looking: llama.cpp with the project's own tiny vision-language model (`scripts/engine`).

The pictures and sentences are drawn from seeds that training never saw. Over the wire the model is reached through OpenAI's
SDK, Anthropic's SDK and our own sender, with a relay in between that keeps the bytes; in process through `llamacpp/…`.
The same engine with weights at random says whatever the grammar lets it: what the retry path must stand.
"""

from __future__ import annotations

import asyncio
import base64
import gc
import json
import random
import struct
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import anthropic
import openai
import pytest
import xllamacpp
from pydantic import BaseModel, field_validator

import instructor
from instructor import Mode
from instructor.drivers.hosted import POOL
from instructor.errors import (
    ConfigurationError,
    ContextOverflow,
    IncompleteOutputException,
    InstructorRetryException,
    MissingExtra,
    RequestError,
    UnreadOutput,
    UnsupportedMedia,
)
from scripts.engine import samples
from scripts.engine.samples import HELD_OUT, Sample
from tests.loopback.relay import Relay, relay
from tests.loopback.ways import settled

DATA = Path(__file__).parents[1] / "data/engine"
MODEL, PROJECTOR = DATA / "tiny.gguf", DATA / "tiny-mmproj.gguf"
QUIET = {"n_threads": 1, "n_gpu_layers": 0}
"""One thread: other tests share the machine. No GPU: figures are compared."""

CLAUDE = "claude-haiku-4-5"
"""What the engine is called where the dialect is Anthropic's: a model that takes a temperature. The engine does not mind."""


class Figure(BaseModel):
    """A coloured shape."""

    colour: Literal["red", "green", "blue", "yellow", "purple", "orange"]
    shape: Literal["circle", "square", "triangle", "cross"]


class Digit(BaseModel):
    """A digit."""

    digit: Literal[0, 1, 2, 3, 4, 5, 6, 7, 8, 9]


class Person(BaseModel):
    """A person."""

    name: str
    age: int


def serve(model: Path, projector: Path | None = None) -> Any:
    """llama.cpp's server, as anybody would start it. It ends when nothing refers to it."""
    params = xllamacpp.CommonParams()
    params.model.path = str(model)
    if projector:
        params.mmproj.path = str(projector)
    params.port, params.verbosity, params.n_gpu_layers, params.cpuparams.n_threads = 0, -1, 0, 1
    return xllamacpp.Server(params)


@pytest.fixture(scope="module")
def wire() -> Iterator[Relay]:
    """The engine with its trained weights, behind a relay."""
    server = serve(MODEL, PROJECTOR)
    with relay(server.listening_address) as running:
        yield running


@pytest.fixture(scope="module")
def guessing(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The model with weights at random: the last bytes of its file are nothing but 32-bit floats."""
    content = bytearray(MODEL.read_bytes())
    count = json.loads((DATA / "tiny.json").read_text())["text_weights"]
    rng = random.Random(1)
    content[-4 * count :] = struct.pack(f"<{count}f", *(rng.gauss(0, 0.2) for _ in range(count)))
    path = tmp_path_factory.mktemp("guessing") / "guessing.gguf"
    path.write_bytes(content)
    return path


@pytest.fixture(scope="module")
def guesser(guessing: Path) -> Iterator[Relay]:
    """The engine with weights at random, behind a relay."""
    server = serve(guessing)
    with relay(server.listening_address) as running:
        yield running


# ── the ways to it ───────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Route:
    """One way to the engine: who sends, in which dialect, blocking or not."""

    name: str
    asynchronous: bool

    def __str__(self) -> str:
        return f"{self.name}{' async' if self.asynchronous else ''}"

    @property
    def in_process(self) -> bool:
        return self.name == "llamacpp"

    def client(self, url: str) -> tuple[Any, Any]:
        """The client, and the SDK's client below it."""
        slow, key = self.asynchronous, "sk-test"
        usual: dict[str, Any] = {"temperature": 0}
        match self.name:
            case "openai sdk":
                made: Any = (openai.AsyncOpenAI if slow else openai.OpenAI)(
                    base_url=f"{url}/v1", api_key=key, max_retries=0
                )
                return instructor.from_openai(made, model="tiny", **usual), made
            case "responses sdk":
                made = (openai.AsyncOpenAI if slow else openai.OpenAI)(base_url=f"{url}/v1", api_key=key, max_retries=0)
                return instructor.from_openai(made, mode=Mode.RESPONSES_TOOLS, model="tiny", **usual), made
            case "anthropic sdk":
                made = (anthropic.AsyncAnthropic if slow else anthropic.Anthropic)(
                    base_url=url, api_key=key, max_retries=0
                )
                return instructor.from_anthropic(made, mode=Mode.TOOLS, model=CLAUDE, max_tokens=200, **usual), made
            case "llamacpp":
                name = f"llamacpp/{MODEL}"
                return instructor.from_provider(name, async_client=slow, mmproj=PROJECTOR, **QUIET, **usual), None
            case "anthropic":
                usual |= {"base_url": url, "mode": Mode.TOOLS, "max_tokens": 200}
            case _:
                usual |= {"base_url": f"{url}/v1"}
        model = CLAUDE if self.name == "anthropic" else "tiny"
        return instructor.from_provider(f"{self.name}/{model}", async_client=slow, api_key=key, **usual), None

    @asynccontextmanager
    async def open(self, url: str) -> AsyncIterator[Any]:
        client, below = self.client(url)
        try:
            yield client
        finally:
            await settled(client.close())
            if below is not None:
                await settled(below.close())


NAMES = (
    "openai sdk",
    "openai",
    "responses sdk",
    "openai-responses",
    "anthropic sdk",
    "anthropic",
    "llama-server",
    "llamacpp",
)
ROUTES = [Route(name, slow) for name in NAMES for slow in (False, True)]
every_route = pytest.mark.parametrize("route", ROUTES, ids=str)


def asked(sample: Sample) -> list[Any]:
    """What a user says: the picture, if there is one, and the question."""
    if sample.picture is None:
        return [sample.text]
    return [instructor.Image.from_bytes(samples.png(sample.picture)), sample.text]


def drawn(kind: Any, count: int, first: int) -> list[Sample]:
    """Samples that training never saw."""
    return [kind(random.Random(HELD_OUT + first + i)) for i in range(count)]


async def share_right(client: Any, model: type[BaseModel], batch: Sequence[Sample]) -> float:
    """How many of the answers are right in every field."""
    found = [await settled(client.create(model, asked(sample))) for sample in batch]
    return sum(one.model_dump() == sample.answer for one, sample in zip(found, batch, strict=True)) / len(batch)


# ── looking and reading ──────────────────────────────────────────────────────────────────────────


@every_route
async def test_it_sees_colours_and_shapes(route: Route, wire: Relay) -> None:
    batch = drawn(samples.figure, 20, 0)
    assert len({str(sample.answer) for sample in batch}) > 10  # guessing one of 24 would not do
    async with route.open(wire.url) as client:
        assert await share_right(client, Figure, batch) >= 0.95


@every_route
async def test_it_reads_names_and_ages(route: Route, wire: Relay) -> None:
    async with route.open(wire.url) as client:
        assert await share_right(client, Person, drawn(samples.person, 12, 0)) >= 0.9


@pytest.mark.parametrize("route", [route for route in ROUTES if not route.in_process], ids=str)
async def test_the_pictures_bytes_cross_the_wire(route: Route, wire: Relay) -> None:
    [sample] = drawn(samples.figure, 1, 500)
    before = len(wire.requests)
    async with route.open(wire.url) as client:
        await settled(client.create(Figure, asked(sample)))
    assert len(wire.requests) == before + 1
    assert sample.picture is not None
    assert base64.b64encode(samples.png(sample.picture)) in wire.requests[-1]


@every_route
async def test_streamed_answers_grow_into_the_right_one(route: Route, wire: Relay) -> None:
    for sample, model in ((drawn(samples.figure, 1, 0)[0], Figure), (drawn(samples.person, 1, 0)[0], Person)):
        async with route.open(wire.url) as client:
            stream = client.create_partial(model, asked(sample))
            seen = [part async for part in stream] if route.asynchronous else list(stream)
        assert seen[-1].model_dump() == sample.answer
        first = next(iter(sample.answer))
        halves = [part.model_dump() for part in seen[:-1]]
        # it came bit by bit: the first field was there before the second
        assert any(half[first] is not None and None in half.values() for half in halves), halves


def test_it_reads_digits() -> None:
    with instructor.from_provider(f"llamacpp/{MODEL}", mmproj=PROJECTOR, temperature=0, **QUIET) as client:
        batch = drawn(samples.numeral, 40, 0)
        right = [client.create(Digit, asked(sample)).model_dump() == sample.answer for sample in batch]
    assert sum(right) / len(right) >= DIGITS


DIGITS = 0.9
"""The least share of digits read right."""


@pytest.mark.parametrize("mode", [Mode.JSON_SCHEMA, Mode.TOOLS, Mode.JSON, Mode.MD_JSON])
def test_every_mode_gets_the_answer(mode: Mode) -> None:
    [sample] = drawn(samples.figure, 1, 100)
    with instructor.from_provider(f"llamacpp/{MODEL}", mmproj=PROJECTOR, temperature=0, **QUIET) as client:
        assert client.create(Figure, asked(sample), mode=mode, max_tokens=200).model_dump() == sample.answer


def test_the_answer_says_what_it_took() -> None:
    [sample] = drawn(samples.figure, 1, 100)
    with instructor.from_provider(f"llamacpp/{MODEL}", mmproj=PROJECTOR, temperature=0, **QUIET) as client:
        found, completion = client.create_with_completion(Figure, asked(sample))
    assert found.model_dump() == sample.answer
    assert completion.usage.prompt_tokens > 49  # the picture's patches, and the question
    assert completion.usage.completion_tokens == len(sample.json) + 1  # a byte is a token; and the end


@pytest.mark.parametrize("format", ["WEBP", "TIFF"])
def test_what_the_engine_cannot_decode_is_turned_into_what_it_can(format: str, tmp_path: Path) -> None:
    [sample] = drawn(samples.figure, 1, 100)
    assert sample.picture is not None
    file = tmp_path / f"picture.{format.lower()}"
    sample.picture.save(file, format, lossless=True)
    with instructor.from_provider(f"llamacpp/{MODEL}", mmproj=PROJECTOR, temperature=0, **QUIET) as client:
        assert client.create(Figure, [instructor.Image.from_path(file), sample.text]).model_dump() == sample.answer
        with pytest.raises(UnsupportedMedia):
            client.create(Figure, [instructor.Image.from_path(file), sample.text], fit="strict")


# ── weights at random ────────────────────────────────────────────────────────────────────────────


class Guess(BaseModel):
    """Anything."""

    colour: Literal["red", "green", "blue"]
    number: int
    words: str


class Even(BaseModel):
    """What no grammar can hold to."""

    number: int

    @field_validator("number")
    @classmethod
    def even(cls, number: int) -> int:
        if number % 2:
            raise ValueError("an odd number")
        return number


GUESSERS = ("openai sdk", "openai", "llama-server", "anthropic sdk", "anthropic")


def outcome(client: Any, model: type[BaseModel], streamed: bool, **options: Any) -> BaseModel | Exception:
    """What a call comes to, an error of ours being one of the things it may."""
    try:
        if streamed:
            return list(client.create_partial(model, "What?", temperature=1.0, **options))[-1]
        return client.create(model, "What?", temperature=1.0, **options)
    except (IncompleteOutputException, InstructorRetryException) as error:
        return error


@pytest.mark.parametrize("streamed", [False, True], ids=["whole", "streamed"])
@pytest.mark.parametrize("name", GUESSERS)
async def test_an_answer_cut_at_the_token_limit_is_said_to_be(name: str, streamed: bool, guesser: Relay) -> None:
    met = []
    async with Route(name, False).open(guesser.url) as client:
        for seed in range(16):
            before = len(guesser.requests)
            met.append(outcome(client, Guess, streamed, max_tokens=6 + 7 * seed, extra_body={"seed": seed}))
            if isinstance(met[-1], IncompleteOutputException):
                assert len(guesser.requests) == before + 1  # it is no use sending it again
    # how many, is for the random weights and what the engine kept of earlier prompts
    assert sum(isinstance(one, IncompleteOutputException) for one in met) >= 3


@pytest.mark.parametrize("streamed", [False, True], ids=["whole", "streamed"])
@pytest.mark.parametrize("name", ["openai sdk", "openai", "anthropic sdk", "anthropic"])
async def test_the_engines_own_word_for_it_is_understood(name: str, streamed: bool, guesser: Relay) -> None:
    """Where the engine cannot parse what its model wrote it answers 500, or ends the stream with an error."""
    async with Route(name, False).open(guesser.url) as client:
        met = [outcome(client, Guess, streamed, max_tokens=200, extra_body={"seed": seed}) for seed in range(16)]
    unread = [one for one in met if isinstance(one, UnreadOutput)]
    assert unread
    assert all("token limit" in str(one) and not one.retryable for one in unread)
    assert {one.status for one in unread} == {200 if streamed else 500}


@pytest.mark.parametrize("seed", range(8))
def test_the_grammar_holds_any_weights_to_the_schema(seed: int, guessing: Path) -> None:
    class Held(BaseModel):
        colour: Literal["red", "green", "blue"]
        numbers: list[Literal[1, 2, 3]]
        sure: bool

    with instructor.from_provider(f"llamacpp/{guessing}", **QUIET) as client:
        assert client.create(Held, "What?", temperature=1.0, seed=seed, max_retries=0, max_tokens=2000)


@pytest.mark.parametrize("name", ["openai sdk", "openai", "llama-server"])
async def test_what_does_not_validate_is_asked_again(name: str, guesser: Relay) -> None:
    rounds = []
    async with Route(name, False).open(guesser.url) as client:
        for seed in range(12):
            before = len(guesser.requests)
            found = outcome(client, Even, False, seed=seed, max_retries=2)
            sent = len(guesser.requests) - before
            rounds.append(sent)
            if isinstance(found, InstructorRetryException):
                assert sent == found.n_attempts == 3
                assert found.total_usage.output > 3
            if sent > 1:
                *_, said, problem = guesser.last()["messages"]
                assert said["role"] == "assistant"
                assert "an odd number" in str(problem["content"])
    assert {1, 2} <= set(rounds)  # some were right at once, some when asked again


# ── the model in this process ────────────────────────────────────────────────────────────────────


def test_what_is_not_a_model_is_said_at_once(tmp_path: Path) -> None:
    other = tmp_path / "other.gguf"
    other.write_bytes(b"PK\3\4 something else")
    for name, options, said in (
        ("llamacpp/nowhere/model.gguf", {}, "nowhere/model.gguf cannot be opened: No such file"),
        (f"llamacpp/{other}", {}, "not a GGUF file"),
        (f"llamacpp/{MODEL}", {"mmproj": tmp_path / "none"}, "mmproj: .* cannot be opened"),
        (f"llamacpp/{MODEL}", {"mmproj": MODEL}, "not a multimodal projector"),
        (f"llamacpp/{MODEL}", {"n_ctx": "4096"}, "n_ctx is of type int"),
        (f"llamacpp/{MODEL}", {"base_url": "http://localhost:1"}, "has no base_url"),
        ("llamacpp", {}, "names no model"),
    ):
        with pytest.raises(ConfigurationError, match=said):
            instructor.from_provider(name, **options)


def test_without_the_extra_the_line_to_install_it_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("instructor.providers.llamacpp.find_spec", lambda name: None)
    with pytest.raises(MissingExtra, match=r"instructor-multimodal\[local\]"):
        instructor.from_provider(f"llamacpp/{MODEL}")


def test_what_llama_cpp_cannot_load_is_said_with_the_first_call() -> None:
    with (
        instructor.from_provider(f"llamacpp/{PROJECTOR}", **QUIET) as client,
        pytest.raises(ConfigurationError, match=r"cannot load .*tiny-mmproj\.gguf"),
    ):
        client.create(Person, "Ada is 36.")


def test_parameters_are_mapped_or_refused() -> None:
    with instructor.from_provider(f"llamacpp/{MODEL}", temperature=0, **QUIET) as client:
        assert client.create(Person, "Ada is 36.", max_completion_tokens=60, stop=["}}"], seed=1, top_k=5).age == 36
        with pytest.raises(IncompleteOutputException):
            client.create(Person, "Ada is 36.", max_tokens=5)
        for name in ("metadata", "reasoning_effort", "n", "no_such_thing"):
            with pytest.raises(RequestError, match=name):
                client.create(Person, "Ada is 36.", **{name: 1})
        with pytest.raises(ConfigurationError, match=r"this client runs .*tiny\.gguf"):
            client.create(Person, "Ada is 36.", model="another.gguf")
        with pytest.raises(UnsupportedMedia):
            client.create(Figure, asked(drawn(samples.figure, 1, 0)[0]))  # no mmproj, no eyes
        with pytest.raises(ContextOverflow):
            client.create(Person, "Ada is 36. " * 1000)


def test_clients_of_one_model_share_it_and_the_last_one_ends_it() -> None:
    first, second = (instructor.from_provider(f"llamacpp/{MODEL}", temperature=0, **QUIET) for _ in range(2))
    assert not POOL.running  # nothing is loaded before it is asked
    assert first.create(Person, "Ada is 36.") == second.create(Person, "Ada is 36.")
    [running] = POOL.running
    with pytest.raises(openai.AuthenticationError):  # nobody else may use it
        openai.OpenAI(base_url=running.base_url, api_key="guess", max_retries=0).models.list()
    first.close()
    first.close()
    assert second.create(Person, "Ada is 36.").age == 36
    with pytest.raises(ConfigurationError, match="closed"):
        first.create(Person, "Ada is 36.")
    second.close()
    assert not POOL.running
    with pytest.raises(openai.APIConnectionError):
        openai.OpenAI(base_url=running.base_url, api_key=running.key, max_retries=0).models.list()


def test_a_client_that_nobody_holds_lets_go_of_the_model() -> None:
    client = instructor.from_provider(f"llamacpp/{MODEL}", temperature=0, **QUIET)
    assert client.create(Person, "Ada is 36.").age == 36
    del client
    gc.collect()
    assert not POOL.running


def test_it_is_quiet_and_asks_no_proxy(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    with instructor.from_provider(f"llamacpp/{MODEL}", temperature=0, **QUIET) as client:
        assert client.create(Person, "Ada is 36.").name == "Ada"
    assert capfd.readouterr() == ("", "")


async def test_many_at_once_load_the_model_once() -> None:
    name = f"llamacpp/{MODEL}"
    async with instructor.from_provider(name, async_client=True, temperature=0, n_parallel=2, **QUIET) as client:
        batch = drawn(samples.person, 6, 0)
        found = await asyncio.gather(*(client.create(Person, sample.text) for sample in batch))
        assert len(POOL.running) == 1
    assert [one.model_dump() for one in found] == [sample.answer for sample in batch]
    assert not POOL.running
