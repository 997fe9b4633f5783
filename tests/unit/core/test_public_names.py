"""The public surface is this list; importing it is cheap; and the two clients are equal."""

from __future__ import annotations

import inspect
import subprocess
import sys
from copy import copy
from importlib.metadata import version
from typing import Any

import pytest

import instructor
from instructor import sdks
from instructor.client import AsyncChat, AsyncCompletions, AsyncInstructor, Chat, Completions, Instructor
from instructor.providers import _registry

NAMES = [
    "PDF",
    "AsyncInstructor",
    "Audio",
    "Budget",
    "CacheControl",
    "CitationMixin",
    "Document",
    "Fallback",
    "Fit",
    "HookName",
    "Hooks",
    "Image",
    "Instructor",
    "InstructorError",
    "IterableModel",
    "Maybe",
    "Media",
    "MediaPolicy",
    "Mode",
    "Partial",
    "Price",
    "Prices",
    "RateLimits",
    "RetryPolicy",
    "ToolCall",
    "ToolCalls",
    "UploadPolicy",
    "Video",
    "async_field_validator",
    "async_model_validator",
    "calls_out",
    "errors",
    "events",
    "exceptions",
    "from_anthropic",
    "from_azure",
    "from_bedrock",
    "from_cerebras",
    "from_cohere",
    "from_databricks",
    "from_deepseek",
    "from_fireworks",
    "from_genai",
    "from_groq",
    "from_litellm",
    "from_mistral",
    "from_ollama",
    "from_openai",
    "from_openrouter",
    "from_perplexity",
    "from_provider",
    "from_together",
    "from_vertexai",
    "from_writer",
    "from_xai",
    "llm_validator",
    "multimodal",
    "openai_moderation",
    "telemetry",
]


def test_public_names() -> None:
    assert instructor.__all__ == NAMES
    assert set(NAMES) <= set(dir(instructor))
    for name in NAMES:
        assert getattr(instructor, name) is not None


def test_unknown_names_are_attribute_errors() -> None:
    with pytest.raises(AttributeError, match="no attribute 'from_nowhere'"):
        _ = instructor.from_nowhere


def test_every_public_name_has_a_docstring() -> None:
    for name in NAMES:
        assert inspect.getdoc(getattr(instructor, name)), name


PRINT_LOADED = "print(*{m.partition('.')[0] for m in set(sys.modules) - before})"
SDKS = {
    *("anthropic", "boto3", "botocore", "cerebras", "cohere", "fireworks", "google", "groq", "litellm", "mistralai"),
    *("ollama", "openai", "perplexity", "together", "writerai", "xai_sdk"),
}
HEAVY = {"PIL", "av", "jinja2", "numpy", "pypdfium2", "rapidocr", "rich", "tenacity", "tokenizers", "typer"}
LATER = {"asyncio", "httpx", "httpx2", "pydantic", "pydantic_core", "ssl"}
"""What the first call needs."""

MAKERS = {
    "from_anthropic": ("anthropic", "Anthropic"),
    "from_azure": ("openai", "AzureOpenAI"),
    "from_bedrock": ("botocore.client", "BedrockRuntime"),
    "from_cerebras": ("cerebras.cloud.sdk", "Cerebras"),
    "from_cohere": ("cohere.client_v2", "ClientV2"),
    "from_databricks": ("openai", "OpenAI"),
    "from_deepseek": ("openai", "OpenAI"),
    "from_fireworks": ("fireworks", "Fireworks"),
    "from_genai": ("google.genai.client", "Client"),
    "from_groq": ("groq", "Groq"),
    "from_mistral": ("mistralai.client", "Mistral"),
    "from_ollama": ("ollama", "Client"),
    "from_openai": ("openai", "OpenAI"),
    "from_openrouter": ("openai", "OpenAI"),
    "from_perplexity": ("perplexity", "Perplexity"),
    "from_together": ("together", "Together"),
    "from_vertexai": ("google.genai.client", "Client"),
    "from_writer": ("writerai", "Writer"),
    "from_xai": ("xai_sdk.sync.client", "Client"),
}
"""Maker → the module and the name of a class that it takes."""

MADE = """\
import types, instructor
for maker, (module, name) in {makers}.items():
    client = type(name, (), {{"__module__": module}})()
    client._api_client = types.SimpleNamespace(vertexai=maker == "from_vertexai")
    client.meta = types.SimpleNamespace(service_model=types.SimpleNamespace(service_name="bedrock-runtime"))
    getattr(instructor, maker)(client)
instructor.from_litellm(lambda **wire: None)
"""


def loaded(code: str, first: str = "") -> set[str]:
    """The packages that some lines load, after the first ones."""
    lines = f"import sys\n{first}\nbefore = set(sys.modules)\n{code}\n{PRINT_LOADED}"
    out = subprocess.run([sys.executable, "-c", lines], capture_output=True, text=True, check=True)
    return set(out.stdout.split())


def test_importing_loads_nothing_heavy() -> None:
    assert loaded("import instructor") & (SDKS | HEAVY | LATER) == set()


@pytest.mark.parametrize("options", ["", ", async_client=True"])
@pytest.mark.parametrize(
    "model", ["openai/gpt-4o-mini", "anthropic/claude-haiku-4-5", "groq/llama-4", "gemini/gemini-3-flash"]
)
def test_own_sender_loads_no_sdk(model: str, options: str) -> None:
    code = f"import instructor; instructor.from_provider({model!r}, api_key='x'{options})"
    assert loaded(code) & (SDKS | HEAVY | LATER) == set()


def test_every_client_is_had_without_any_library_but_the_callers() -> None:
    makers = {name for name in NAMES if name.startswith("from_")} - {"from_provider", "from_litellm"}
    assert makers == set(MAKERS)
    assert loaded(MADE.format(makers=MAKERS)) & (SDKS | HEAVY | LATER) == set()


def test_an_sdk_client_loads_no_other_sdk() -> None:
    for sdk, name in (("openai", "OpenAI"), ("anthropic", "Anthropic")):
        code = f"import instructor; instructor.from_{sdk}(client)"
        assert loaded(code, f"import {sdk}; client = {sdk}.{name}(api_key='x')") & (SDKS | HEAVY | LATER) == set()


def modules_of_a_client(sdk: str, name: str, then: str) -> set[str]:
    """Our modules that are loaded when there is a client over an SDK's."""
    lines = f"""\
import sys, instructor
client = instructor.from_{sdk}(type({name!r}, (), {{"__module__": {sdk!r}}})())
{then}
print(*sys.modules)
"""
    out = subprocess.run([sys.executable, "-c", lines], capture_output=True, text=True, check=True)
    return {name.removeprefix("instructor.") for name in out.stdout.split() if name.startswith("instructor.")}


LATE = {"adapter", "drivers", "effects", "engine", "fetch", "fit", "ir", "media", "modes", "output", "retry", "uploads"}
"""What the first call needs, of ours."""


@pytest.mark.parametrize(
    ("sdk", "name"), [("openai", "OpenAI"), ("anthropic", "Anthropic"), ("anthropic", "AsyncAnthropicVertex")]
)
def test_a_client_that_only_stands_there_has_loaded_no_dialect(sdk: str, name: str) -> None:
    later = LATE | {f"providers.{sdk}"}
    assert modules_of_a_client(sdk, name, "client.on('parse:error', print); client.usage.snapshot()") & later == set()


def test_closing_a_client_that_was_never_used_loads_nothing() -> None:
    assert modules_of_a_client("openai", "OpenAI", "client.close()") & LATE == set()
    assert modules_of_a_client("openai", "OpenAI", "client.plan(str, 'hi', model='m')") >= LATE


def test_what_is_known_of_an_sdk_is_what_its_provider_has() -> None:
    for name, row in sdks.ROWS.items():
        provider = _registry.find(name)
        assert (provider.adapter.name, provider.sdk, provider.also) == (name, row, ())


def test_makers_are_functions_that_say_what_they_take() -> None:
    for name, (_, cls) in MAKERS.items():
        maker = getattr(instructor, name)
        assert inspect.isfunction(maker), name
        assert maker.__name__ == maker.__qualname__ == name
        assert "mode" in inspect.signature(maker).parameters, name
        told = inspect.getdoc(maker) or ""
        assert cls in told or "bedrock-runtime" in told, name
        assert "WrongClient" in told, name


def test_what_is_given_is_read_when_the_client_is_made() -> None:
    class OpenAI:
        __module__ = "openai"

    sdk: Any = OpenAI()
    wrongs: tuple[Any, ...] = (
        {"fit": "wide"},
        {"uploads": "often"},
        {"prices": 3},
        {"mode": "tools"},
        {"budget": 3},
        {"hooks": print},
    )
    for wrong in wrongs:
        with pytest.raises(instructor.InstructorError):
            instructor.from_openai(sdk, **wrong)
    client = instructor.from_openai(sdk, fit="strict", prices={"openai/m": instructor.Price(1, 2)})
    twin = copy(client)
    assert (client.fit.strict, client.uploads.when, client.provider) == (True, "auto", "openai")
    assert (twin.usage, twin.hooks, twin.fit) == (client.usage, client.hooks, client.fit)


def test_embedded_is_made_without_its_readers() -> None:
    code = "import instructor; instructor.from_provider('embedded')"
    assert loaded(code) & (SDKS | HEAVY | LATER) == set()


NO_ANSWER = """\
import contextlib, instructor
with contextlib.suppress(instructor.errors.InstructorRetryException):
    instructor.from_provider("embedded").create(bool, "Is it?", max_retries=0)
"""


def test_a_synchronous_call_needs_no_event_loop() -> None:
    found = loaded(NO_ANSWER)
    assert "pydantic" in found
    assert found & (SDKS | {"asyncio", "httpx", "httpx2", "ssl"}) == set()


def public(cls: type) -> dict[str, object]:
    return {name: member for name, member in inspect.getmembers(cls) if not name.startswith("_")}


@pytest.mark.parametrize(
    ("sync", "asynchronous"), [(Instructor, AsyncInstructor), (Completions, AsyncCompletions), (Chat, AsyncChat)]
)
def test_sync_and_async_are_equal(sync: type, asynchronous: type) -> None:
    ours, theirs = public(sync), public(asynchronous)
    assert set(ours) == set(theirs)
    for name, member in ours.items():
        if inspect.isfunction(member):
            other = theirs[name]
            assert inspect.isfunction(other)
            assert inspect.signature(member).parameters == inspect.signature(other).parameters, name
    awaited = {name for name, member in theirs.items() if inspect.iscoroutinefunction(member)}
    assert awaited == ({"create", "create_with_completion", "plan", "close"} if sync is Instructor else set())


def test_the_version_is_the_distributions() -> None:
    assert instructor.__version__ == version("instructor-multimodal")
