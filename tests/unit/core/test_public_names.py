"""The public surface is this list; importing it is cheap; and the two clients are equal."""

from __future__ import annotations

import inspect
import subprocess
import sys
from importlib.metadata import version

import pytest

import instructor
from instructor.client import AsyncChat, AsyncCompletions, AsyncInstructor, Chat, Completions, Instructor

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


CHEAP = (
    "import sys; before = set(sys.modules); {code}; print(*{{m.partition('.')[0] for m in set(sys.modules) - before}})"
)
HEAVY = {"pydantic", "httpx2", "httpx", "openai", "anthropic", "PIL", "numpy", "rapidocr", "typer", "rich", "asyncio"}


def loaded(code: str) -> set[str]:
    out = subprocess.run([sys.executable, "-c", CHEAP.format(code=code)], capture_output=True, text=True, check=True)
    return set(out.stdout.split())


def test_importing_loads_nothing_heavy() -> None:
    assert loaded("import instructor") & HEAVY == set()


def test_own_sender_loads_no_sdk() -> None:
    code = "import instructor; instructor.from_provider('openai/gpt-4o-mini', api_key='x')"
    assert loaded(code) & (HEAVY - {"pydantic", "asyncio"}) == set()


def test_an_sdk_client_loads_no_other_sdk() -> None:
    code = "import instructor, openai; instructor.from_openai(openai.OpenAI(api_key='x'))"
    assert loaded(code) & {"anthropic", "PIL", "numpy", "typer", "rapidocr"} == set()
    code = "import instructor, anthropic; instructor.from_anthropic(anthropic.Anthropic(api_key='x'))"
    assert loaded(code) & {"openai", "PIL", "numpy", "typer", "rapidocr"} == set()


def test_embedded_is_made_without_its_readers() -> None:
    code = "import instructor; instructor.from_provider('embedded')"
    assert loaded(code) & (HEAVY - {"pydantic", "asyncio"}) == set()


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
