"""Names for types, fit for a tool or a schema: `User`, `ListOfUser`, `CatOrDog`, `Box_int`.

list[X]           ListOfX                   X | Y         XOrY
dict[K, V]        DictOfKAndV               Annotated[X]  X
Iterable[X]       IterableOfX               Literal[…]    LiteralOfAAndB
"""

from __future__ import annotations

import re
import types
from enum import Enum
from typing import Annotated, Any, Literal, Union, get_args, get_origin

_LONGEST = 64
"""OpenAI: `[A-Za-z0-9_-]{1,64}` for names of functions and schemas; nobody asks for less but Perplexity."""


def name_of(form: Any) -> str:
    """The name of a type; `Response` where nothing of its own name is left."""
    name = re.sub(r"[^A-Za-z0-9_-]+", "_", _spoken(form)).strip("_")[:_LONGEST].rstrip("_")
    return name or "Response"


def _spoken(form: Any) -> str:
    origin, args = get_origin(form), get_args(form)
    if form is None or form is type(None):
        return "None"
    if origin is None:
        return _capital(str(getattr(form, "__name__", None) or getattr(form, "_name", None) or "Response"))
    if origin is Annotated:
        return _spoken(args[0])
    if origin is Union or origin is types.UnionType:
        return "Or".join(map(_spoken, args))
    if origin is Literal:
        return f"LiteralOf{'And'.join(_capital(_word(value)) for value in args)}"
    members = "And".join(_spoken(arg) for arg in args if arg is not Ellipsis and arg != ())
    return f"{_spoken(origin)}Of{members}" if members else _spoken(origin)


def _word(value: Any) -> str:
    return value.name if isinstance(value, Enum) else str(value)


def _capital(name: str) -> str:
    return name[:1].upper() + name[1:]
