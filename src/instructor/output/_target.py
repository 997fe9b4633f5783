"""What a caller asks for: a frozen value around one pydantic validator.

    response_model ──target──▶ Target ──.schema──▶ plain JSON schema, its root always an object
                                 │
                                 └─────.read─────▶ T, from the model's JSON text, inside pydantic-core

A root that is not an object (a list, a union, a word) is asked for as the only property, `content`, of one.
"""

from __future__ import annotations

import dataclasses
import inspect
import logging
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property, lru_cache
from itertools import count
from types import FrameType, GenericAlias, UnionType
from typing import Annotated, Any, Generic, NoReturn, TypeVar, Union, get_args, get_origin, overload

from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic.errors import PydanticUndefinedAnnotation, PydanticUserError
from pydantic.fields import FieldInfo
from pydantic.json_schema import GenerateJsonSchema
from pydantic_core import SchemaValidator, core_schema

from ..errors import ResponseModelError
from ._names import name_of
from ._nulls import without_nulls
from ._outside import has_callers
from ._walk import Schema, resolved
from .awaited import awaits
from .schema import Dialect, Rendered, express

T = TypeVar("T")

logger = logging.getLogger("instructor")

CONTENT = "content"
"""The property that holds a value whose schema is not an object."""

_CACHED = 1024
"""Types, and renders of types. Beyond them the least recently used is built anew."""

_UNUSABLE = (PydanticUserError, PydanticUndefinedAnnotation, TypeError, NameError)


class _Generator(GenerateJsonSchema):
    """Quiet about defaults that JSON cannot hold: they apply when the answer is validated."""

    ignored_warning_kinds = {"skipped-choice", "non-serializable-default"}


@dataclasses.dataclass(frozen=True, eq=False)
class Target(Generic[T]):
    """What the caller asked for. Made by `target`, which makes one per type; equal only to itself."""

    form: Any
    name: str
    """Fit for a tool or schema: letters, digits, `_` and `-`, at most 64."""
    description: str
    adapter: TypeAdapter[T] = dataclasses.field(repr=False)

    @cached_property
    def schema(self) -> Schema:
        """The plain JSON schema; its root is an object. Shared: never write to it."""
        bare = self._bare_schema
        if not self.wrapped:
            return bare
        inner = {key: value for key, value in bare.items() if key != "$defs"}
        defs = {"$defs": bare["$defs"]} if "$defs" in bare else {}
        return {
            **defs,
            "type": "object",
            "properties": {CONTENT: inner},
            "required": [CONTENT],
            "additionalProperties": False,
        }

    @cached_property
    def wrapped(self) -> bool:
        """Whether the answer is asked for as the `content` of an object."""
        return self._bare_schema.get("type") != "object"

    @cached_property
    def calls_out(self) -> bool:
        """Whether reading may take its time: a validator of the type calls out."""
        return has_callers(self.adapter.core_schema)

    @cached_property
    def awaits(self) -> bool:
        """Whether the type has asynchronous validators, which `read` does not run."""
        return awaits(self.adapter.core_schema)

    @cached_property
    def members(self) -> tuple[Target[Any], ...]:
        """The types that a list may hold, each a target with a name of its own; empty for what is no list."""
        return members_of(self.form) if is_list(self.form) else ()

    def read(
        self,
        text: str | bytes,
        *,
        context: Any = None,
        strict: bool | None = None,
        rendered: Rendered | None = None,
    ) -> T:
        """The value that the JSON text holds.

        Args:
            text: The answer. Where the schema wraps the value, the value without its wrapper will do too.
            context: Pydantic's validation context.
            strict: Pydantic's strict mode: no conversions between types.
            rendered: The schema as the model got it, so that nulls which its dialect demands are understood.

        Raises:
            pydantic.ValidationError: the text is not JSON, or not of the type.
        """
        if rendered is None or not rendered.null_is_absent:
            return self._read(text, context, strict)
        text = text if isinstance(text, str) else text.decode()
        try:
            return self._read(text, context, strict)
        except ValidationError:
            if "null" not in text:
                raise
        return self._read(without_nulls(text, self.schema), context, strict)

    def _read(self, text: str | bytes, context: Any, strict: bool | None) -> T:
        if not self.wrapped or not _opens_object(text):
            return self._validate(text, strict=strict, context=context)
        try:
            found: T = self._wrapper.validate_json(text, strict=strict, context=context)[CONTENT]
        except ValidationError as error:
            if not _other_shape(error):
                raise
            try:
                return self.adapter.validate_json(text, strict=strict, context=context)
            except ValidationError:
                raise error from None
        return found

    def read_python(self, value: Any, *, context: Any = None, strict: bool | None = None) -> T:
        """The value from Python objects, wrapped or not."""
        if self.wrapped and isinstance(value, Mapping) and value.keys() == {CONTENT}:
            value = value[CONTENT]
        return self.adapter.validate_python(value, strict=strict, context=context)

    @cached_property
    def _validate(self) -> Callable[..., T]:
        return self.adapter.validator.validate_json

    @cached_property
    def _bare_schema(self) -> Schema:
        try:
            schema = self.adapter.json_schema(by_alias=True, mode="validation", schema_generator=_Generator)
        except _UNUSABLE as error:
            _refuse(self.form, error)
        return resolved(schema, schema)

    @cached_property
    def _wrapper(self) -> SchemaValidator:
        content = core_schema.typed_dict_field(self.adapter.core_schema)
        return SchemaValidator(core_schema.typed_dict_schema({CONTENT: content}, extra_behavior="forbid"))


def _opens_object(text: str | bytes) -> bool:
    return text.lstrip()[:1] in ("{", b"{")


def _other_shape(error: ValidationError) -> bool:
    """Whether an object is not the wrapper: `content` is missing, or not alone."""
    return any(
        len(row["loc"]) == 1 and row["type"] in ("missing", "extra_forbidden")
        for row in error.errors(include_url=False, include_context=False, include_input=False)
    )


# ── making ───────────────────────────────────────────────────────────────────────────────────────


@overload
def target(response_model: type[T]) -> Target[T]: ...
@overload
def target(response_model: Any) -> Target[Any]: ...
def target(response_model: Any) -> Target[Any]:
    """The target for a type: a model, dataclass, TypedDict, NamedTuple, list, union, Literal, Enum, date, ….

    `Iterable[X]` is read as `list[X]`. The same type gives the same target.

    Raises:
        ResponseModelError: it is not a type, or pydantic cannot validate it.
    """
    if isinstance(response_model, type) and type(response_model).__hash__ is not None:
        return _of_class(response_model)
    if not _is_type(response_model):
        raise ResponseModelError(_not_a_type(response_model))
    name = name_of(response_model)
    try:
        hash(response_model)
    except TypeError:
        return _build(response_model, name)
    return _cached(response_model, name)


@lru_cache(_CACHED)
def _of_class(cls: type) -> Target[Any]:
    return _cached(cls, name_of(cls))


@lru_cache(_CACHED)
def render(target: Target[Any], dialect: Dialect) -> Rendered:
    """The target's schema in a dialect, made once. What the provider cannot be asked to enforce is logged, once."""
    rendered = express(target.schema, dialect)
    if rendered.notes:
        logger.info("the provider is not asked to enforce %s (%s): %s", target.name, dialect.name, _listing(rendered))
    return rendered


@lru_cache(_CACHED)
def render_each(target: Target[Any], dialect: Dialect) -> Rendered:
    """The types that a list may hold, each in a dialect."""
    each = tuple(render(member, dialect) for member in target.members)
    named = zip(target.members, each, strict=True)
    return Rendered(
        target.schema,
        all(one.strict for one in each),
        tuple(f"{member.name}: {note}" for member, one in named for note in one.notes),
        any(one.null_is_absent for one in each),
        each,
    )


def _listing(rendered: Rendered) -> str:
    return "; ".join(rendered.notes)


def _build(form: Any, name: str) -> Target[Any]:
    try:
        adapter = _adapter(_listed(form))
    except _UNUSABLE as error:
        _refuse(form, error)
    return Target(form, name, _describe(form, name), adapter)


# The name is part of the key because `A | B` equals `B | A`, and each should be called what it is called.
_cached = lru_cache(_CACHED)(_build)


def is_list(form: Any) -> bool:
    """Whether a type is a list of something, or an iterable, which stands for one."""
    return (get_origin(form) or form) in (list, Iterable, Iterator)


def alternatives(form: Any) -> tuple[Any, ...]:
    """The members of a union, those of unions inside of it among them; a type that is none by itself."""
    form = getattr(form, "__value__", form)  # `type Pet = Cat | Dog`
    inner = get_args(form)[0] if get_origin(form) is Annotated else form
    if get_origin(inner) in (Union, UnionType):
        return tuple(each for member in get_args(inner) for each in alternatives(member))
    return (form,)


def members_of(form: Any) -> tuple[Target[Any], ...]:
    """What a list may hold but None, as targets, no two of one name."""
    found: dict[str, Target[Any]] = {}
    for member in alternatives((get_args(form) or (Any,))[0]):
        if member is None or member is type(None):
            continue
        made = target(member)
        others = (f"{made.name[:60]}_{number}" for number in count(2))
        name = made.name if made.name not in found else next(name for name in others if name not in found)
        found[name] = made if name == made.name else dataclasses.replace(made, name=name)
    return tuple(found.values())


def _listed(form: Any) -> Any:
    """`Iterable[X]` as `list[X]`: pydantic would validate an iterable's elements only as they are drawn."""
    origin = get_origin(form) or form
    if origin is Iterable or origin is Iterator:
        return GenericAlias(list, get_args(form) or (Any,))
    return form


def _adapter(form: Any) -> TypeAdapter[Any]:
    """The validator. Names that its annotations could not resolve are looked up where the caller stands."""
    adapter: TypeAdapter[Any] = TypeAdapter(form)
    frame = None if adapter.pydantic_complete else inspect.currentframe()
    while frame is not None and not adapter.pydantic_complete:
        if not _own(frame):
            adapter.rebuild(raise_errors=False, _types_namespace={**frame.f_globals, **frame.f_locals})
        frame = frame.f_back
    del frame  # it would hold itself alive
    if not adapter.pydantic_complete:
        adapter.rebuild(raise_errors=True)
    return adapter


def _own(frame: FrameType) -> bool:
    """A frame of this library, whose names are none of the caller's business."""
    return str(frame.f_globals.get("__name__", "")).split(".")[0] == __name__.split(".")[0]


# ── refusing ─────────────────────────────────────────────────────────────────────────────────────


def _is_type(form: Any) -> bool:
    """A class, a generic with its arguments, or another form that `typing` makes."""
    made = type(form).__module__ in ("typing", "typing_extensions", "types")
    return isinstance(form, type) or get_origin(form) is not None or made


def _not_a_type(form: Any) -> str:
    if isinstance(form, str):
        return f"response_model is the string {form[:60]!r}; pass the type itself, not its name"
    if isinstance(form, list | tuple):
        return f"response_model is a {type(form).__name__}; write list[Model] for a list of models"
    if isinstance(form, Mapping):
        return "response_model is a mapping; pass a type, such as a pydantic model, not a JSON schema"
    if inspect.isroutine(form) or inspect.ismodule(form):
        return f"response_model is {form.__name__!r}, a {type(form).__name__}; pass a type"
    kind = type(form).__name__
    return f"response_model is a value of the type {kind}; pass the type itself: {kind}"


def _refuse(form: Any, error: Exception) -> NoReturn:
    reason = getattr(error, "message", None) or str(error)
    first = re.split(r"\n\n|For further information", str(reason))[0].strip()
    shown = form.__qualname__ if isinstance(form, type) and get_origin(form) is None else str(form)
    raise ResponseModelError(f"{shown} cannot be a response_model: {first}") from error


# ── describing ───────────────────────────────────────────────────────────────────────────────────


def _describe(form: Any, name: str) -> str:
    for note in getattr(form, "__metadata__", ()):
        if isinstance(note, FieldInfo) and note.description:
            return note.description
    inner = get_args(form)[0] if get_origin(form) is Annotated else form
    return _docstring(inner) or f"The answer as {name}, complete and with every value of its declared type."


def _docstring(form: Any) -> str | None:
    """What the author of a class wrote. What Python writes in its place says nothing."""
    if not isinstance(form, type) or form.__module__ == "builtins":
        return None
    doc = form.__doc__
    if doc is None and issubclass(form, BaseModel):
        origin = form.__pydantic_generic_metadata__["origin"]
        doc = origin.__doc__ if origin is not None else None
    composed = dataclasses.is_dataclass(form) or hasattr(form, "_fields")
    own = composed or issubclass(form, BaseModel) or hasattr(form, "__members__") or hasattr(form, "__total__")
    if not own or not doc or (composed and doc.startswith(f"{form.__name__}(")):
        return None
    return None if doc == "An enumeration." else inspect.cleandoc(doc)
