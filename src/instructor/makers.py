"""The functions that make clients over the callers' own SDK clients, whose settings then hold.

    from_openai · from_anthropic · from_bedrock · from_litellm     written out: each takes something of its own
    from_genai · from_vertexai · from_mistral                      one class, or two, for both kinds of client
    from_cohere · from_groq · from_together · …                    one line each

All of them come to `over_sdk(provider, …)`, which tells by its class whose client it was given.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, overload

from .connect import over_sdk
from .errors import WrongClient
from .sdks import CLOUDS

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Never, Protocol, TypeVar

    from anthropic import Anthropic, AnthropicFoundry, AsyncAnthropic, AsyncAnthropicFoundry
    from anthropic.lib.bedrock import AnthropicBedrock, AsyncAnthropicBedrock
    from anthropic.lib.vertex import AnthropicVertex, AsyncAnthropicVertex
    from cerebras.cloud.sdk import AsyncCerebras, Cerebras
    from cohere import AsyncClientV2, ClientV2
    from fireworks import AsyncFireworks, Fireworks
    from google import genai
    from google.genai.client import AsyncClient as AsyncGenai
    from groq import AsyncGroq, Groq
    from mistralai.client import Mistral
    from ollama import AsyncClient as AsyncOllama
    from ollama import Client as Ollama
    from openai import AsyncAzureOpenAI, AsyncOpenAI, AzureOpenAI, OpenAI
    from perplexity import AsyncPerplexity, Perplexity
    from together import AsyncTogether, Together
    from writerai import AsyncWriter, Writer
    from xai_sdk import AsyncClient as AsyncXai
    from xai_sdk import Client as Xai

    from .client import AsyncInstructor, Instructor
    from .modes import Mode

    S = TypeVar("S", contravariant=True)
    A = TypeVar("A", contravariant=True)

    class Maker(Protocol[S, A]):
        """Makes a client of an SDK's client: the class says of which kind."""

        @overload
        def __call__(self, client: S, mode: Mode | None = None, **options: Any) -> Instructor: ...
        @overload
        def __call__(self, client: A, mode: Mode | None = None, **options: Any) -> AsyncInstructor: ...

    class EitherMaker(Protocol[S, A]):
        """The same of a client that can be of both kinds, and the caller says which; or of its asynchronous half."""

        @overload
        def __call__(
            self, client: S, mode: Mode | None = None, *, use_async: Literal[False] = False, **options: Any
        ) -> Instructor: ...
        @overload
        def __call__(
            self, client: S, mode: Mode | None = None, *, use_async: Literal[True], **options: Any
        ) -> AsyncInstructor: ...
        @overload
        def __call__(
            self, client: A, mode: Mode | None = None, *, use_async: bool = True, **options: Any
        ) -> AsyncInstructor: ...


@overload
def from_openai(client: OpenAI, mode: Mode | None = None, **options: Any) -> Instructor: ...
@overload
def from_openai(client: AsyncOpenAI, mode: Mode | None = None, **options: Any) -> AsyncInstructor: ...
def from_openai(client: Any, mode: Mode | None = None, **options: Any) -> Any:
    """A client that sends through an `openai` client of the caller's (also Azure's), with all its settings.

    Args:
        client: `openai.OpenAI` or `openai.AsyncOpenAI`.
        mode: how answers are asked for; None chooses by model.
        **options: `model`, `hooks`, `timeout`, `policy`, `fit`, `cache`, `cache_ttl`, `uploads`, `prices`, `budget`,
            `telemetry`, `limits`, `fallback`; anything else is sent with every request.

    Raises:
        WrongClient: it is another class's.
    """
    return over_sdk("openai", "from_openai()", client, mode, options)


@overload
def from_anthropic(
    client: Anthropic | AnthropicBedrock | AnthropicVertex | AnthropicFoundry,
    mode: Mode | None = None,
    enable_prompt_caching: bool = False,
    **options: Any,
) -> Instructor: ...
@overload
def from_anthropic(
    client: AsyncAnthropic | AsyncAnthropicBedrock | AsyncAnthropicVertex | AsyncAnthropicFoundry,
    mode: Mode | None = None,
    enable_prompt_caching: bool = False,
    **options: Any,
) -> AsyncInstructor: ...
def from_anthropic(client: Any, mode: Mode | None = None, enable_prompt_caching: bool = False, **options: Any) -> Any:
    """A client that sends through an `anthropic` client of the caller's, with all its settings.

    Args:
        client: `anthropic.Anthropic` or `anthropic.AsyncAnthropic`, or one of Bedrock's, Vertex's, Foundry's, …: its
            class says which limits hold.
        mode: how answers are asked for; None chooses by model.
        enable_prompt_caching: accepted for the sake of existing code. Prompt caching needs no switch any more:
            exactly the parts with `cache_control` are marked, with or without it.
        **options: `model`, `hooks`, `timeout`, `policy`, `fit`, `cache`, `cache_ttl`, `uploads`, `prices`, `budget`,
            `telemetry`, `limits`, `fallback`; anything else is sent with every request.

    Raises:
        WrongClient: it is another class's.
    """
    names = [cls.__name__.removeprefix("Async") for cls in type(client).__mro__]
    name = next((CLOUDS[name] for name in names if name in CLOUDS), "anthropic")
    return over_sdk(name, "from_anthropic()", client, mode, options)


@overload
def from_bedrock(
    client: Any, mode: Mode | None = None, *, async_client: Literal[False] = False, **options: Any
) -> Instructor: ...
@overload
def from_bedrock(
    client: Any, mode: Mode | None = None, *, async_client: Literal[True], **options: Any
) -> AsyncInstructor: ...
def from_bedrock(client: Any, mode: Mode | None = None, *, async_client: bool = False, **options: Any) -> Any:
    """A client that sends through a `boto3` client of the caller's, with all its settings.

    Args:
        client: `boto3.client("bedrock-runtime")`.
        mode: how answers are asked for; None chooses by model.
        async_client: whether to make an `AsyncInstructor`: boto3's client, which blocks, then runs in threads.
        **options: as those of `from_openai`.

    Raises:
        WrongClient: it is another class's, or another service's.
    """
    return over_sdk("bedrock", "from_bedrock()", client, mode, options, async_client)


def from_litellm(completion: Any, mode: Mode | None = None, **options: Any) -> Any:
    """A client that sends through `litellm.completion`, or, asynchronously, through `litellm.acompletion`.

    Args:
        completion: the function, or a method of a `litellm.Router`.
        mode: how answers are asked for; None chooses by model.
        **options: as those of `from_openai`.

    Raises:
        WrongClient: it cannot be called.
    """
    import inspect

    if not callable(completion) or inspect.isclass(completion):
        raise WrongClient("from_litellm() takes the function litellm.completion or litellm.acompletion")
    from .drivers.functions import FUNCTION

    asynchronous = inspect.iscoroutinefunction(completion)
    return over_sdk("litellm", "from_litellm()", completion, mode, options, asynchronous, FUNCTION)


# ── alike ────────────────────────────────────────────────────────────────────────────────────────


def _maker(provider: str, *classes: str) -> Any:
    def make(client: Any, mode: Mode | None = None, **options: Any) -> Any:
        return over_sdk(provider, f"from_{provider}()", client, mode, options)

    return _told(make, provider, f"a {' or '.join(f'`{name}`' for name in classes)}, synchronous or asynchronous.")


def _either(name: str, takes: str, provider: Callable[[Any], str] | None = None) -> Any:
    """`provider` tells it of the client, where that is not its `name`."""

    def make(client: Any, mode: Mode | None = None, *, use_async: bool = False, **options: Any) -> Any:
        whose = provider(client) if provider else name
        return over_sdk(whose, f"from_{name}()", client, mode, options, use_async or None)

    both = "use_async: whether to make an `AsyncInstructor` of a client that can be of both kinds."
    return _told(make, name, f"{takes}\n    {both}")


def _told(make: Callable[..., Any], name: str, takes: str) -> Any:
    make.__name__ = make.__qualname__ = f"from_{name}"
    make.__doc__ = f"""A client that sends through an SDK's client of the caller's, with all its settings.

Args:
    client: {takes}
    mode: how answers are asked for; None chooses by model.
    **options: as those of `from_openai`.

Raises:
    WrongClient: it is another class's.
"""
    return make


def _google(client: Any) -> str:
    return "vertexai" if getattr(getattr(client, "_api_client", None), "vertexai", False) else "gemini"


def _vertex(client: Any) -> str:
    if hasattr(client, "_api_client") and _google(client) == "gemini":
        raise WrongClient(
            "from_vertexai() takes a genai.Client(enterprise=True, project=…, location=…); this one is for the Gemini "
            "API: use from_genai()"
        )
    return "vertexai"


GENAI = "a `google.genai.Client`, for the Gemini API or for Vertex, or its `aio`, which is asynchronous anyway."
VERTEX = "a `google.genai.Client(enterprise=True, project=…, location=…)`, not one for the Gemini API, or its `aio`."
MISTRAL = "a `mistralai.client.Mistral`, which is synchronous and asynchronous at once."

from_genai: EitherMaker[genai.Client, AsyncGenai] = _either("genai", GENAI, _google)
from_vertexai: EitherMaker[genai.Client, AsyncGenai] = _either("vertexai", VERTEX, _vertex)
from_mistral: EitherMaker[Mistral, Never] = _either("mistral", MISTRAL)

from_azure: Maker[AzureOpenAI | OpenAI, AsyncAzureOpenAI | AsyncOpenAI] = _maker("azure", "openai.AzureOpenAI")
from_cerebras: Maker[Cerebras | OpenAI, AsyncCerebras | AsyncOpenAI] = _maker(
    "cerebras", "cerebras.cloud.sdk.Cerebras", "openai.OpenAI"
)
from_cohere: Maker[ClientV2, AsyncClientV2] = _maker("cohere", "cohere.ClientV2")
from_databricks: Maker[OpenAI, AsyncOpenAI] = _maker("databricks", "openai.OpenAI")
from_deepseek: Maker[OpenAI, AsyncOpenAI] = _maker("deepseek", "openai.OpenAI")
from_fireworks: Maker[Fireworks | OpenAI, AsyncFireworks | AsyncOpenAI] = _maker(
    "fireworks", "fireworks.Fireworks", "openai.OpenAI"
)
from_groq: Maker[Groq | OpenAI, AsyncGroq | AsyncOpenAI] = _maker("groq", "groq.Groq", "openai.OpenAI")
from_ollama: Maker[Ollama, AsyncOllama] = _maker("ollama", "ollama.Client")
from_openrouter: Maker[OpenAI, AsyncOpenAI] = _maker("openrouter", "openai.OpenAI")
from_perplexity: Maker[Perplexity | OpenAI, AsyncPerplexity | AsyncOpenAI] = _maker(
    "perplexity", "perplexity.Perplexity", "openai.OpenAI"
)
from_together: Maker[Together | OpenAI, AsyncTogether | AsyncOpenAI] = _maker(
    "together", "together.Together", "openai.OpenAI"
)
from_writer: Maker[Writer | OpenAI, AsyncWriter | AsyncOpenAI] = _maker("writer", "writerai.Writer", "openai.OpenAI")
from_xai: Maker[Xai | OpenAI, AsyncXai | AsyncOpenAI] = _maker("xai", "xai_sdk.Client", "openai.OpenAI")
