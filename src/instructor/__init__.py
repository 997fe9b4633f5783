"""Pictures, recordings, PDFs and video in; validated Python objects out; from any model.

Importing this package loads nothing else: each public name is loaded when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from . import errors as errors
    from . import events as events
    from . import exceptions as exceptions
    from . import multimodal as multimodal
    from . import telemetry as telemetry
    from .client import AsyncInstructor, Instructor
    from .connect import from_provider
    from .errors import InstructorError
    from .extras import CitationMixin, IterableModel, Maybe, llm_validator, openai_moderation
    from .fallback import Fallback
    from .fetch import MediaPolicy
    from .fit import Fit
    from .hooks import HookName, Hooks
    from .makers import (
        from_anthropic,
        from_azure,
        from_bedrock,
        from_cerebras,
        from_cohere,
        from_databricks,
        from_deepseek,
        from_fireworks,
        from_genai,
        from_groq,
        from_litellm,
        from_mistral,
        from_ollama,
        from_openai,
        from_openrouter,
        from_perplexity,
        from_together,
        from_vertexai,
        from_writer,
        from_xai,
    )
    from .media import PDF, Audio, CacheControl, Document, Image, Media, Video
    from .modes import Mode
    from .output import Partial, async_field_validator, async_model_validator, calls_out
    from .pace import RateLimits
    from .retry import RetryPolicy
    from .spending import Budget, Price, Prices
    from .tools import ToolCall, ToolCalls
    from .uploads import UploadPolicy

_HOMES = {
    "AsyncInstructor": "client",
    "Audio": "media",
    "Budget": "spending",
    "CacheControl": "media",
    "CitationMixin": "extras",
    "Document": "media",
    "Fallback": "fallback",
    "Fit": "fit",
    "HookName": "hooks",
    "Hooks": "hooks",
    "Image": "media",
    "Instructor": "client",
    "InstructorError": "errors",
    "IterableModel": "extras",
    "Maybe": "extras",
    "Media": "media",
    "MediaPolicy": "fetch",
    "Mode": "modes",
    "PDF": "media",
    "Partial": "output",
    "Price": "spending",
    "Prices": "spending",
    "RateLimits": "pace",
    "RetryPolicy": "retry",
    "ToolCall": "tools",
    "ToolCalls": "tools",
    "UploadPolicy": "uploads",
    "Video": "media",
    "async_field_validator": "output",
    "async_model_validator": "output",
    "calls_out": "output",
    "from_anthropic": "makers",
    "from_azure": "makers",
    "from_bedrock": "makers",
    "from_cerebras": "makers",
    "from_cohere": "makers",
    "from_databricks": "makers",
    "from_deepseek": "makers",
    "from_fireworks": "makers",
    "from_genai": "makers",
    "from_groq": "makers",
    "from_litellm": "makers",
    "from_mistral": "makers",
    "from_ollama": "makers",
    "from_openai": "makers",
    "from_openrouter": "makers",
    "from_perplexity": "makers",
    "from_provider": "connect",
    "from_together": "makers",
    "from_vertexai": "makers",
    "from_writer": "makers",
    "from_xai": "makers",
    "llm_validator": "extras",
    "openai_moderation": "extras",
}

_MODULES = ("errors", "events", "exceptions", "multimodal", "telemetry")

__version__ = "0.1.0.dev0"

__all__ = [
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


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        value = getattr(import_module(f".{_HOMES[name]}", __name__), name)
    elif name in _MODULES:
        value = import_module(f".{name}", __name__)
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
