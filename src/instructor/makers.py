"""Clients over the SDKs whose endpoints are rows of `providers.compatible`: one line each.

from_groq(Groq()) · from_together(Together()) · …     the provider's own SDK, or OpenAI's pointed at the address
from_litellm(litellm.completion)                      a function takes the place of a client
"""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any, Generic, TypeVar, overload

from .client import AsyncInstructor, Instructor
from .connect import over_sdk
from .errors import WrongClient
from .modes import Mode

if TYPE_CHECKING:
    from cerebras.cloud.sdk import AsyncCerebras, Cerebras
    from fireworks import AsyncFireworks, Fireworks
    from groq import AsyncGroq, Groq
    from ollama import AsyncClient as AsyncOllama
    from ollama import Client as Ollama
    from openai import AsyncAzureOpenAI, AsyncOpenAI, AzureOpenAI, OpenAI
    from perplexity import AsyncPerplexity, Perplexity
    from together import AsyncTogether, Together
    from writerai import AsyncWriter, Writer
    from xai_sdk import AsyncClient as AsyncXai
    from xai_sdk import Client as Xai

S_contra = TypeVar("S_contra", contravariant=True)
A_contra = TypeVar("A_contra", contravariant=True)


class Maker(Generic[S_contra, A_contra]):
    """Makes a client that sends through an SDK's client of the caller's, with all its settings.

    Called with `(client, mode=None, **options)`. Options are those of `from_openai`: `model`, `hooks`, `timeout`,
    `policy`, `fit`, …; anything else is sent with every request. Raises WrongClient for another class's client.
    """

    def __init__(self, provider: str) -> None:
        self.provider = provider
        self.__name__ = self.__qualname__ = f"from_{provider}"

    @overload
    def __call__(self, client: S_contra, mode: Mode | None = None, **options: Any) -> Instructor: ...
    @overload
    def __call__(self, client: A_contra, mode: Mode | None = None, **options: Any) -> AsyncInstructor: ...
    def __call__(self, client: Any, mode: Mode | None = None, **options: Any) -> Any:
        return over_sdk(self.provider, f"{self.__name__}()", client, mode, options)

    def __repr__(self) -> str:
        return f"<{self.__name__}(client, mode=None, **options)>"


from_azure: Maker[AzureOpenAI | OpenAI, AsyncAzureOpenAI | AsyncOpenAI] = Maker("azure")
from_cerebras: Maker[Cerebras | OpenAI, AsyncCerebras | AsyncOpenAI] = Maker("cerebras")
from_databricks: Maker[OpenAI, AsyncOpenAI] = Maker("databricks")
from_deepseek: Maker[OpenAI, AsyncOpenAI] = Maker("deepseek")
from_fireworks: Maker[Fireworks | OpenAI, AsyncFireworks | AsyncOpenAI] = Maker("fireworks")
from_groq: Maker[Groq | OpenAI, AsyncGroq | AsyncOpenAI] = Maker("groq")
from_ollama: Maker[Ollama, AsyncOllama] = Maker("ollama")
from_openrouter: Maker[OpenAI, AsyncOpenAI] = Maker("openrouter")
from_perplexity: Maker[Perplexity | OpenAI, AsyncPerplexity | AsyncOpenAI] = Maker("perplexity")
from_together: Maker[Together | OpenAI, AsyncTogether | AsyncOpenAI] = Maker("together")
from_writer: Maker[Writer | OpenAI, AsyncWriter | AsyncOpenAI] = Maker("writer")
from_xai: Maker[Xai | OpenAI, AsyncXai | AsyncOpenAI] = Maker("xai")


def from_litellm(completion: Any, mode: Mode | None = None, **options: Any) -> Any:
    """A client that sends through `litellm.completion`, or, asynchronously, through `litellm.acompletion`.

    Args:
        completion: the function, or a method of a `litellm.Router`.
        mode: how answers are asked for; None chooses by model.
        **options: as those of `from_openai`.

    Raises:
        WrongClient: it cannot be called.
    """
    if not callable(completion) or inspect.isclass(completion):
        raise WrongClient("from_litellm() takes the function litellm.completion or litellm.acompletion")
    from .drivers.functions import FUNCTION

    asynchronous = inspect.iscoroutinefunction(completion)
    return over_sdk("litellm", "from_litellm()", completion, mode, options, asynchronous, FUNCTION)
