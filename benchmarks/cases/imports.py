"""Import and first client: fresh interpreters, bytecode cached."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from benchmarks.bench import Bench
from benchmarks.environments import OURS
from benchmarks.libraries import RAW_SDK, Library
from benchmarks.plots import Bars
from benchmarks.table import Median, Ratio, Row, Table

NAME = "Import and first client"
ABOUT = """\
What a fresh interpreter spends on these lines beyond its own start, bytecode cached. CPU is user and system time; memory
is the growth of the resident set at its highest. A *first call* is everything from the start of the interpreter to the
validated object: import, client, connection, one message."""


@dataclass(frozen=True, slots=True)
class Start:
    """Lines of Python, run first thing; `sdk`: where the raw SDK is measured too; `slow`: not where nobody reads figures."""

    key: str
    label: str
    code: str
    sdk: bool = False
    slow: bool = False


def _imports(name: str, *, sdk: bool = False) -> Start:
    return Start(name, f"`import {name}`", f"import {name}", sdk, slow=sdk)


def _client(sdk: str, cls: str) -> Start:
    return Start(f"{sdk}()", f"`{sdk}.{cls}()`", f"import {sdk}; {sdk}.{cls}(api_key='k')", sdk=True, slow=True)


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
OUR_LINES = frozenset({"instructor", "from_provider", "from_openai", "from_anthropic"})
COLUMNS = (
    Median("CPU, ms (quartiles)", "cpu", 1e3, spread=True),
    Ratio("÷ `import pydantic`", "cpu", "pydantic"),
    Ratio("÷ `OpenAI()`", "cpu", "openai()"),
    Ratio("÷ `Anthropic()`", "cpu", "anthropic()"),
    Median("memory, MB", "memory", 1e-6),
    Median("modules", "modules", whole=True),
)
TITLES = {
    OURS: "Ours, and the SDKs beside it",
    "existing": "The existing library, and the SDKs at its versions",
    "pydantic_ai": "pydantic-ai",
    "litellm": "LiteLLM",
    "langchain": "LangChain",
}
AGENT = (
    "from pydantic_ai import Agent; from pydantic_ai.models.openai import OpenAIChatModel; "
    "from pydantic_ai.providers.openai import OpenAIProvider; "
    "Agent(OpenAIChatModel('gpt-4o-mini', provider=OpenAIProvider(api_key='k')))"
)
CHAT = "from langchain_openai import ChatOpenAI; ChatOpenAI(model='gpt-4o-mini', api_key='k')"
CLAUDE = "from langchain_anthropic import ChatAnthropic; ChatAnthropic(model='claude-haiku-4-5', api_key='k')"
RIVALS: Mapping[str, Sequence[Start]] = {
    "pydantic_ai": (_imports("pydantic_ai"), Start("agent", "`Agent(OpenAIChatModel(…))`", AGENT)),
    "litellm": (_imports("litellm"),),
    "langchain": (
        _imports("langchain_openai"),
        Start("chat", "`ChatOpenAI(…)`", CHAT),
        Start("claude", "`ChatAnthropic(…)`", CLAUDE),
    ),
}
"""What is measured in an environment without a library of our import name."""


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
        starts |= {(name, start.key): start for start in _starts(bench, name)}

    samples = bench.rounds(
        bench.scale.fresh_rounds, starts, lambda key: bench.fresh(key[0], starts[key].code), "import", budget=16.0
    )
    return [
        Table(
            TITLES[name],
            "lines",
            [
                Row(key[1], start.label, samples[key])
                for key, start in starts.items()
                if key[0] == name and key in samples
            ],
            COLUMNS,
            key="import" if name == OURS else f"import/{name}",
            plots=[
                Bars(
                    f"import-{name}", TITLES[name], "cpu", "ms of CPU", 1e3, OUR_LINES if name == OURS else frozenset()
                )
            ],
        )
        for name in bench.environments
    ]


def _starts(bench: Bench, name: str) -> Iterator[Start]:
    """What is measured in an environment."""
    libraries = [library for library in bench.able("prepare") if library.environment == name]
    raw = any(library.module == RAW_SDK.module for library in libraries)
    lines = (STARTS[0], *RIVALS[name]) if name in RIVALS else STARTS
    yield from (start for start in lines if (raw or not start.sdk) and not (start.slow and bench.scale.tiny))
    yield from (_first_call(bench, library) for library in libraries)
