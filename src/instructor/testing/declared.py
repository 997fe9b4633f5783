"""An SDK's pydantic models as TypedDicts, which `strict` can hold a request to.

::

    BaseModel                     a TypedDict of its fields by their names in JSON; one that tells kinds apart is required
    a method                      a TypedDict of its keyword arguments
    an alias of a type            what it stands for
    Literal[…] | Any, | str       the literals: SDKs take what is newer than themselves, a judge does not

Both Mistral's and Cohere's SDKs drop or pass on keys that they do not know; their TypedDicts, where there are any, name
fields as Python does.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from functools import cache, reduce
from operator import or_
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import typing_extensions
from pydantic import BaseModel

from .strict import DISCRIMINATORS

ASIDE = frozenset({"request_options"})
"""Arguments of SDKs' methods that say how to send, not what."""

_UNIONS = (Union, type(int | str))
_typed_dict: Any = typing_extensions.TypedDict


def declared(hint: Any) -> Any:
    """A type in which models are TypedDicts."""
    origin, arguments = get_origin(hint), get_args(hint)
    if isinstance(hint, typing_extensions.TypeAliasType):
        return declared(hint.__value__)
    if isinstance(origin, typing_extensions.TypeAliasType):  # Nullable[T]
        return declared(origin.__value__[arguments])
    if inspect.isclass(hint) and issubclass(hint, BaseModel):
        return of_model(hint)
    if inspect.isfunction(hint):
        return of_method(hint)
    if origin is Annotated:
        return declared(arguments[0])
    if origin in _UNIONS:
        return _union(arguments)
    if arguments and origin not in (Literal, typing_extensions.Literal):
        return origin[tuple(map(declared, arguments))]
    return hint


@cache
def of_model(model: type[BaseModel]) -> Any:
    """A TypedDict of a model's fields."""
    fields = {
        field.alias or name: (field.annotation, field.is_required() or name in DISCRIMINATORS)
        for name, field in model.model_fields.items()
    }
    return _made(model.__name__, fields)


def of_method(method: Callable[..., Any]) -> Any:
    """A TypedDict of a method's keyword arguments, without those that do not go into the body."""
    hints = typing_extensions.get_type_hints(method, include_extras=True)
    fields = {
        name: (hints[name], parameter.default is parameter.empty)
        for name, parameter in inspect.signature(method).parameters.items()
        if parameter.kind is parameter.KEYWORD_ONLY and name not in ASIDE
    }
    return _made(method.__name__, fields)


def _made(name: str, fields: Mapping[str, tuple[Any, bool]]) -> Any:
    def wrapped(hint: Any, required: bool) -> Any:
        wrapper: Any = typing_extensions.Required if required else typing_extensions.NotRequired
        return wrapper[declared(hint)]

    return _typed_dict(name, {key: wrapped(*field) for key, field in fields.items()})


def _union(members: tuple[Any, ...]) -> Any:
    """The members; beside literals no text or value of any kind."""
    found = [declared(member) for member in members if not _open(member)]
    literal = any(get_origin(member) in (Literal, typing_extensions.Literal) for member in found)
    kept = [member for member in found if not (literal and member in (str, Any))]
    return reduce(or_, kept)


def _open(member: Any) -> bool:
    """A member that stands for what an SDK does not know, or for nothing at all."""
    known = ("Unset", "UnrecognizedStr", "UnrecognizedInt")
    return inspect.isclass(member) and (member.__name__ in known or member.__name__.startswith("Unknown"))
