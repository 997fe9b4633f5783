"""Pictures, recordings, PDFs and video in; validated Python objects out; from any model.

Importing this package loads nothing else: each public name is loaded when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from . import errors as errors
    from . import exceptions as exceptions
    from . import multimodal as multimodal
    from .client import AsyncInstructor, Instructor
    from .connect import from_anthropic, from_openai, from_provider
    from .errors import InstructorError
    from .extras import CitationMixin, IterableModel, Maybe, llm_validator, openai_moderation
    from .fetch import MediaPolicy
    from .fit import Fit
    from .hooks import HookName, Hooks
    from .media import PDF, Audio, CacheControl, Document, Image, Media, Video
    from .modes import Mode
    from .output import Partial

_HOMES = {
    "AsyncInstructor": "client",
    "Audio": "media",
    "CacheControl": "media",
    "CitationMixin": "extras",
    "Document": "media",
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
    "Video": "media",
    "from_anthropic": "connect",
    "from_openai": "connect",
    "from_provider": "connect",
    "llm_validator": "extras",
    "openai_moderation": "extras",
}

_MODULES = ("errors", "exceptions", "multimodal")

__version__ = "0.1.0.dev0"

__all__ = [
    "PDF",
    "AsyncInstructor",
    "Audio",
    "CacheControl",
    "CitationMixin",
    "Document",
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
    "Video",
    "errors",
    "exceptions",
    "from_anthropic",
    "from_openai",
    "from_provider",
    "llm_validator",
    "multimodal",
    "openai_moderation",
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
