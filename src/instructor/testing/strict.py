"""An SDK's request types, made strict: what they do not mention is refused, at its exact path.

::

    TypedDict                              the same fields, no others
    Iterable[T], Sequence[T]               a list, read at once (pydantic would read an `Iterable` lazily: not at all)
    A | B | …                              told apart by kind of JSON value, then objects by `type` or `role`: an error
                                           is about the member that was meant and not about all of them
    files, paths, response models          dropped: Python conveniences of an SDK, not JSON

`adapter(hint)` is a pydantic TypeAdapter for JSON values; `readable(loc, body)` makes a pydantic error location a path
in the body.
"""

from __future__ import annotations

import collections.abc
import types
from collections.abc import Hashable, Iterable, Mapping, Sequence
from functools import cache, reduce
from operator import or_
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import typing_extensions
from pydantic import ConfigDict, Discriminator, Tag, TypeAdapter

Path = tuple[str | int, ...]

DISCRIMINATORS = ("type", "role")
KINDS: Mapping[type, str] = {
    str: "a string",
    bool: "a boolean",
    int: "a number",
    float: "a number",
    list: "a list",
    dict: "an object",
    type(None): "null",
}
"""The kinds of JSON value, by the Python type they are read as."""

_LISTS = (list, collections.abc.Iterable, collections.abc.Sequence)
_MAPPINGS = (dict, collections.abc.Mapping)
_WRAPPERS = (Annotated, typing_extensions.Required, typing_extensions.NotRequired, typing_extensions.ReadOnly)
_UNIONS = (Union, types.UnionType)
_LITERALS = (Literal, typing_extensions.Literal)
_typed_dict: Any = typing_extensions.TypedDict


def adapter(hint: Any) -> TypeAdapter[Any]:
    """A strict validator for values of `hint` as they come from JSON."""
    return TypeAdapter(_strict(hint), config=None if typing_extensions.is_typeddict(hint) else _CONFIG)


def readable(loc: Sequence[str | int], body: Any) -> Path:
    """The path in `body` that a pydantic location means: without the names of union members in it."""
    path: list[str | int] = []
    value = body
    for position, step in enumerate(loc):
        if isinstance(step, str) and step.startswith("<"):
            continue
        if isinstance(value, dict) and step in value:
            value = value[step]
        elif isinstance(value, list) and isinstance(step, int) and step < len(value):
            value = value[step]
        elif position < len(loc) - 1 or not isinstance(value, dict):
            continue
        path.append(step)
    return tuple(path)


# ------------------------------------------------------------------------------------------------- the translation

_CONFIG = ConfigDict(extra="forbid", strict=True)


def _strict(hint: Any) -> Any:
    """The strict form of a type hint."""
    origin, arguments = get_origin(hint), get_args(hint)
    if typing_extensions.is_typeddict(hint):
        return _closed(hint)
    if origin in _WRAPPERS:
        return _strict(arguments[0])
    if origin in _UNIONS:
        return _union(hint)
    if origin in _LISTS:
        return types.GenericAlias(list, (_strict(arguments[0]),))
    if origin in _MAPPINGS:
        return types.GenericAlias(dict, (str, _strict(arguments[1])))
    return Any if hint is object else hint


@cache
def _closed(source: Any) -> Any:
    """A TypedDict of the same fields that takes no others (unless the SDK says that it does)."""
    fields = {
        name: _field(hint, name in source.__required_keys__)
        for name, hint in typing_extensions.get_type_hints(source, include_extras=True).items()
    }
    closed = _typed_dict(source.__name__, fields)
    closed.__pydantic_config__ = {**_CONFIG, **getattr(source, "__pydantic_config__", {})}
    return closed


def _field(hint: Any, required: bool) -> Any:
    """A field's strict type, wrapped in whether it must be there.

    The hint's own word goes first: under deferred annotations the class does not know it.
    """
    origin = get_origin(hint)
    if origin in (typing_extensions.Required, typing_extensions.NotRequired):
        required = origin is typing_extensions.Required
    wrapper: Any = typing_extensions.Required if required else typing_extensions.NotRequired
    return wrapper[_strict(hint)]


def _union(hint: Any) -> Any:
    """Members grouped by kind of JSON value, each group under a tag."""
    groups: dict[str, list[Any]] = {}
    for member in _members(hint):
        for kind in _kinds(member):
            groups.setdefault(kind, []).append(member)
    choices = {kind: _group(kind, members) for kind, members in groups.items()}
    return _tagged(choices, _kind_of, "must be " + " or ".join(choices))


def _members(hint: Any) -> Iterable[Any]:
    """The members of a union, and of unions in it, that JSON can hold."""
    if get_origin(hint) in _UNIONS:
        for member in get_args(hint):
            yield from _members(member)
    elif get_origin(hint) in _WRAPPERS:
        yield from _members(get_args(hint)[0])
    elif _kinds(hint):
        yield hint


def _kinds(hint: Any) -> tuple[str, ...]:
    """The kinds of JSON value that a type takes; none if it is not JSON's."""
    origin = get_origin(hint)
    if typing_extensions.is_typeddict(hint) or origin in _MAPPINGS:
        return (KINDS[dict],)
    if origin in _LISTS:
        return (KINDS[list],)
    if origin in _LITERALS:
        return tuple(dict.fromkeys(KINDS[type(value)] for value in get_args(hint)))
    if hint is object or hint is Any:
        return tuple(dict.fromkeys(KINDS.values()))
    return (KINDS[hint],) if hint in KINDS else ()


def _group(kind: str, members: Sequence[Any]) -> Any:
    """One type for members of the same kind: objects by their discriminator where all of them have one."""
    if kind == KINDS[dict] and len(members) > 1:
        for field in DISCRIMINATORS:
            tags = [_tags(member, field) for member in members]
            if all(tags):
                return _discriminated(field, dict(enumerate(members)), tags)
    return _plain(members)


def _discriminated(field: str, members: Mapping[int, Any], tags: Sequence[Sequence[str]]) -> Any:
    """Objects told apart by the value of `field`; one that may lack it is meant by its absence."""
    by_tag: dict[str, list[Any]] = {}
    for index, names in enumerate(tags):
        for name in names:
            by_tag.setdefault(name, []).append(members[index])
    choices = {name: _plain(group) for name, group in by_tag.items()}
    known = ", ".join(sorted(name for name in choices if name))

    def tag(value: Any) -> Hashable:
        found = value.get(field) if isinstance(value, dict) else None
        return f"<{found or ''}>"

    return _tagged(choices, tag, f"`{field}` must be one of {known}")


def _tags(member: Any, field: str) -> list[str]:
    """The values of the discriminating field; "" among them where the field may be missing or null."""
    if not typing_extensions.is_typeddict(member):
        return []
    hint = typing_extensions.get_type_hints(member, include_extras=True).get(field)
    required = field in member.__required_keys__ or get_origin(hint) is typing_extensions.Required
    values = [value for part in _members(hint) if get_origin(part) in _LITERALS for value in get_args(part)]
    return values if required or not values else [*values, ""]


def _plain(members: Sequence[Any]) -> Any:
    strict = [_strict(member) for member in members]
    return reduce(or_, strict)


def _tagged(choices: Mapping[str, Any], tag: Any, message: str) -> Any:
    """A union whose member is picked by `tag`; tags are in angle brackets, so that paths can leave them out."""
    if len(choices) == 1:
        return next(iter(choices.values()))
    tagged: list[Any] = [Annotated[choice, Tag(f"<{name}>")] for name, choice in choices.items()]
    pick = Discriminator(tag, custom_error_type="union", custom_error_message=message)
    return Annotated[reduce(or_, tagged), pick]


def _kind_of(value: Any) -> Hashable:
    return f"<{KINDS.get(type(value), '')}>"
