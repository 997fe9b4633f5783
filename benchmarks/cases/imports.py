"""Import and first client: fresh interpreters, bytecode cached."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.bench import Bench
from benchmarks.environments import OURS
from benchmarks.libraries import RAW_SDK, Library
from benchmarks.table import Median, Ratio, Row, Table

NAME = "Import and first client"
ABOUT = """\
What a fresh interpreter spends on these lines beyond its own start, bytecode cached. CPU is user and system time; memory
is the growth of the resident set at its highest. A *first call* is everything from the start of the interpreter to the
validated object: import, client, connection, one message."""


@dataclass(frozen=True, slots=True)
class Start:
    """Lines of Python, run first thing; `sdk`: where the raw SDK is measured too."""

    key: str
    label: str
    code: str
    sdk: bool = False


def _imports(name: str, *, sdk: bool = False) -> Start:
    return Start(name, f"`import {name}`", f"import {name}", sdk)


def _client(sdk: str, cls: str) -> Start:
    return Start(f"{sdk}()", f"`{sdk}.{cls}()`", f"import {sdk}; {sdk}.{cls}(api_key='k')", sdk=True)


def _from(sdk: str, cls: str) -> Start:
    code = f"import {sdk}, instructor; instructor.from_{sdk}({sdk}.{cls}(api_key='k'))"
    return Start(f"from_{sdk}", f"`instructor.from_{sdk}({cls}())`", code)


PROVIDER = "import instructor; instructor.from_provider('openai/gpt-4o-mini', api_key='k')"
STARTS = (
    _imports("pydantic"),
    Start("BaseModel", "`from pydantic import BaseModel`", "from pydantic import BaseModel"),
    _imports("httpx2"),
    _imports("openai", sdk=True),
    _client("openai", "OpenAI"),
    _imports("anthropic", sdk=True),
    _client("anthropic", "Anthropic"),
    _imports("instructor"),
    Start("from_provider", '`instructor.from_provider("openai/…")`', PROVIDER),
    _from("openai", "OpenAI"),
    _from("anthropic", "Anthropic"),
)
COLUMNS = (
    Median("CPU, ms (quartiles)", "cpu", 1e3, spread=True),
    Ratio("÷ `import pydantic`", "cpu", "pydantic"),
    Ratio("÷ `OpenAI()`", "cpu", "openai()"),
    Ratio("÷ `Anthropic()`", "cpu", "anthropic()"),
    Median("memory, MB", "memory", 1e-6),
    Median("modules", "modules", whole=True),
)
TITLES = {OURS: "Ours, and the SDKs beside it", "existing": "The existing library, and the SDKs at its versions"}


def _first_call(bench: Bench, library: Library) -> Start:
    code = (
        f"from benchmarks.libraries.{library.module} import prepare; from benchmarks.work import JOBS; "
        f"prepare({bench.url(library, 'text')!r}, JOBS['text'])(())"
    )
    return Start(f"first:{library.name}", f"first call: {library.label}", code)


def run(bench: Bench) -> Sequence[Table]:
    """One table for each environment: what stands beside a library is what it was installed with."""
    starts: dict[tuple[str, str], Start] = {}
    for name in bench.environments:
        libraries = [library for library in bench.libraries if library.environment == name]
        calls = [_first_call(bench, library) for library in libraries]
        raw = any(library.module == RAW_SDK.module for library in libraries)
        starts |= {(name, start.key): start for start in (*STARTS, *calls) if raw or not start.sdk}

    samples = bench.rounds(
        bench.scale.fresh_rounds,
        tuple(starts),
        lambda key: bench.fresh(key[0], starts[key].code),
        "import",
    )
    return [
        Table(
            TITLES[name],
            "lines",
            [Row(key[1], start.label, samples[key]) for key, start in starts.items() if key[0] == name],
            COLUMNS,
        )
        for name in bench.environments
    ]
