"""What rests on a client and its types: models to inherit from, types to ask for, validators to attach.

Maybe[T]            a T, or the reason why there is none                       maybe
CitationMixin       quotes that are known to stand in the source               citations
llm_validator       a model judges a text                                      validators
openai_moderation   the moderation endpoint judges a text                      validators
IterableModel(T)    list[T], under the name that existing code uses            lists
"""

from __future__ import annotations

from .citations import CitationMixin
from .lists import IterableModel
from .maybe import Maybe
from .validators import llm_validator, openai_moderation

__all__ = ["CitationMixin", "IterableModel", "Maybe", "llm_validator", "openai_moderation"]
