"""Asynchronous validators: methods of a model or dataclass that are awaited once pydantic has accepted an answer.

    T, accepted by pydantic ─▶ every instance with such validators, innermost first
                                 ├ of its fields   side by side; what they return takes the field's place
                                 └ of the whole    where nothing within failed; what they return takes its place
                             ─▶ T, or pydantic's ValidationError with the place of each problem

They run in calls of clients alone, synchronous ones too. `User(...)` and `User.model_validate(...)` do not know of them.
"""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any, TypeVar

from pydantic import AliasChoices, AliasPath, BaseModel, RootModel, ValidationError
from pydantic_core import InitErrorDetails, PydanticCustomError, PydanticKnownError

from ..effects import Await, Flow, Together
from ..errors import ConfigurationError, InstructorError, ResponseModelError
from ..values import dataclass

F = TypeVar("F", bound=Callable[..., Any])
Place = tuple[int | str, ...]

_FIELDS, _WHOLE = "__async_validator__", "__async_model_validator__"

_AT_ONCE = 16
"""Validators of one answer that are awaited at a time."""


@dataclass(frozen=True, slots=True)
class AsyncValidationContext:
    """What a validator may ask for as its last argument, as it would pydantic's `ValidationInfo`."""

    context: Mapping[str, Any]
    """`context=` of the call; empty without one."""
    field_name: str | None = None
    data: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    """The fields of the object."""


def async_field_validator(field: str, *fields: str) -> Callable[[F], F]:
    """Make a coroutine method `(cls, value)` or `(cls, value, info)` a validator of fields.

    What it returns takes the field's place. A ValueError or AssertionError is told to the model, which is asked again; any
    other exception ends the call.

    Raises:
        ConfigurationError: it is no coroutine function of such arguments.
    """
    return _marking(_FIELDS, (field, *fields), (2, 3), "(cls, value) or (cls, value, info)")


def async_model_validator() -> Callable[[F], F]:
    """Make a coroutine method `(self)` or `(self, info)` a validator of the whole object.

    What it returns takes the object's place, if it returns something. Errors are as for `async_field_validator`.

    Raises:
        ConfigurationError: it is no coroutine function of such arguments.
    """
    return _marking(_WHOLE, (), (1, 2), "(self) or (self, info)")


def _marking(mark: str, fields: tuple[str, ...], counts: tuple[int, int], form: str) -> Callable[[F], F]:
    def decorate(method: F) -> F:
        function: Any = getattr(method, "__func__", method)
        if not inspect.iscoroutinefunction(function) or len(inspect.signature(function).parameters) not in counts:
            name = getattr(function, "__qualname__", type(function).__name__)
            raise ConfigurationError(f"an asynchronous validator is an `async def` method {form}: {name} is none")
        setattr(function, mark, fields)
        return method

    return decorate


# ── what a type has of them ──────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Validator:
    """One coroutine function, and whether it wants to be told of the context."""

    function: Callable[..., Any]
    informed: bool


@dataclass(frozen=True, slots=True)
class Validators:
    """Those of one class: of each field in their order, and of the whole."""

    fields: Mapping[str, tuple[Validator, ...]]
    whole: tuple[Validator, ...]


def validators_of(cls: Any) -> Validators | None:
    """The asynchronous validators of a class, or None.

    Raises:
        ResponseModelError: one names a field that the class does not have.
    """
    return _validators(cls)


@lru_cache(1024)
def _validators(cls: Any) -> Validators | None:
    members: dict[str, Any] = {}
    for base in reversed(cls.__mro__):  # a subclass overrides what has the same name
        for name, member in tuple(vars(base).items()):
            members[name] = getattr(member, "__func__", member)
    fields: dict[str, tuple[Validator, ...]] = {}
    whole: list[Validator] = []
    known = _field_names(cls)
    for name, function in members.items():
        for field in getattr(function, _FIELDS, ()) if inspect.isfunction(function) else ():
            if field not in known:
                raise ResponseModelError(
                    f"{cls.__name__}.{name} validates {field!r}, which {cls.__name__} does not have"
                )
            fields[field] = (*fields.get(field, ()), Validator(function, _takes(function) == 3))
        if inspect.isfunction(function) and hasattr(function, _WHOLE):
            whole.append(Validator(function, _takes(function) == 2))
    return Validators(fields, tuple(whole)) if fields or whole else None


def _takes(function: Callable[..., Any]) -> int:
    return len(inspect.signature(function).parameters)


def _field_names(cls: type[Any]) -> tuple[str, ...]:
    if issubclass(cls, BaseModel):
        return tuple(cls.model_fields)
    return tuple(field.name for field in dataclasses.fields(cls)) if dataclasses.is_dataclass(cls) else ()


def awaits(schema: Any) -> bool:
    """Whether a core schema holds a class with asynchronous validators."""
    if isinstance(schema, Mapping):
        own = schema.get("cls") if schema.get("type") in ("model", "dataclass") else None
        return (own is not None and validators_of(own) is not None) or any(map(awaits, schema.values()))
    return isinstance(schema, list | tuple) and any(map(awaits, schema))


# ── running them ─────────────────────────────────────────────────────────────────────────────────


class Spot:
    """A value within an answer: what it is, where it stands, and what holds it."""

    __slots__ = ("depth", "key", "parent", "path", "value")

    def __init__(self, value: Any, parent: Spot | None = None, key: Any = None, path: Place = ()) -> None:
        self.value, self.parent, self.key, self.path = value, parent, key, path
        self.depth: int = 0 if parent is None else parent.depth + 1

    def put(self, value: Any) -> None:
        """Another value in its place. The answer is nobody's yet, so it may be written into."""
        old, self.value = self.value, value
        if self.parent is None or value is old:
            return
        holder = self.parent.value
        if isinstance(holder, list | dict):
            holder[self.key] = value
        elif isinstance(holder, tuple):
            items = [*holder[: self.key], value, *holder[self.key + 1 :]]
            make: Any = getattr(type(holder), "_make", tuple)
            self.parent.put(make(items))
        elif isinstance(holder, set | frozenset):
            self.parent.put(type(holder)((holder - {old}) | {value}))
        else:
            object.__setattr__(holder, self.key, value)
            self.parent.hashed_anew()

    def hashed_anew(self) -> None:
        """What is hashed by its content has changed: the sets that hold it are made again."""
        spot = self.parent
        while spot is not None:
            if isinstance(spot.value, set | frozenset):
                spot.put(type(spot.value)(list(spot.value)))
            spot = spot.parent


Row = tuple[Any, Exception | None]
Job = tuple[Place, Any, Callable[[], Any], Callable[[Any], None]]
"""Where, what is judged, the coroutine, and who takes what it returns."""


def confirmed(value: Any, title: str, context: Mapping[str, Any] | None, place: Place = ()) -> Flow[Any]:
    """The value, once its asynchronous validators have accepted it. `place`: where it stands in the answer.

    Raises:
        pydantic.ValidationError: they have not.
    """
    root = Spot(value, path=place)
    levels: dict[int, list[tuple[Spot, Validators]]] = {}
    for spot in _spots(root, set()):
        if (found := validators_of(type(spot.value))) is not None:
            levels.setdefault(spot.depth, []).append((spot, found))
    told, wrong, failed = context or {}, list[InitErrorDetails](), set[Place]()
    for depth in sorted(levels, reverse=True):
        level = levels[depth]
        for turn in range(max(len(row) for _, found in level for row in (*found.fields.values(), ()))):
            yield from _run([job for one in level for job in _of_fields(*one, turn, told, failed)], wrong, failed)
        for turn in range(max(len(found.whole) for _, found in level)):
            yield from _run([job for one in level for job in _of_whole(*one, turn, told, failed)], wrong, failed)
    if wrong:
        raise ValidationError.from_exception_data(title, wrong, input_type="json")
    return root.value


def _of_fields(
    spot: Spot, found: Validators, turn: int, context: Mapping[str, Any], failed: set[Place]
) -> Iterator[Job]:
    """The validators whose turn it is, of fields in which nothing has failed."""
    cls = type(spot.value)
    for name, row in found.fields.items():
        member = Spot(getattr(spot.value, name), spot, name, (*spot.path, *_steps(cls, name)))
        if turn < len(row) and (member.path not in failed or member.path == spot.path):
            info = (AsyncValidationContext(context, name, dict(_members(spot.value))),) if row[turn].informed else ()
            yield member.path, member.value, _starting(row[turn], cls, member.value, *info), member.put


def _of_whole(
    spot: Spot, found: Validators, turn: int, context: Mapping[str, Any], failed: set[Place]
) -> Iterator[Job]:
    if turn < len(found.whole) and spot.path not in failed:
        validator = found.whole[turn]
        info = (AsyncValidationContext(context, None, dict(_members(spot.value))),) if validator.informed else ()

        def take(value: Any) -> None:
            if value is not None:
                spot.put(value)

        yield spot.path, dict(_members(spot.value)), _starting(validator, spot.value, *info), take


def _starting(validator: Validator, *arguments: Any) -> Callable[[], Any]:
    return lambda: validator.function(*arguments)


def _run(jobs: list[Job], wrong: list[InitErrorDetails], failed: set[Place]) -> Flow[None]:
    if not jobs:
        return
    flows = tuple(_one(start) for _, _, start, _ in jobs)
    rows: list[Row] = [(yield from flows[0])] if len(flows) == 1 else list((yield Together(flows, _AT_ONCE)))
    for (path, judged, _, take), (value, error) in zip(jobs, rows, strict=True):
        if error is None:
            take(value)
        else:
            wrong.append(_problem(error, path, judged))
            failed.update(path[:length] for length in range(len(path) + 1))


def _one(start: Callable[[], Any]) -> Flow[Row]:
    try:
        return (yield Await(start)), None
    except InstructorError:  # some are ValueErrors: a call within, not the answer, is wrong
        raise
    except (ValueError, AssertionError) as error:
        return None, error


def _problem(error: Exception, path: Place, judged: Any) -> InitErrorDetails:
    if isinstance(error, PydanticKnownError):
        kind: Any = error.type
        words: Any = error.message()
        error = PydanticCustomError(kind, words)
    if isinstance(error, PydanticCustomError):
        return InitErrorDetails(type=error, loc=path, input=judged)
    name = "assertion_error" if isinstance(error, AssertionError) else "value_error"
    return InitErrorDetails(type=name, loc=path, input=judged, ctx={"error": error})


def _spots(spot: Spot, seen: set[int]) -> Iterator[Spot]:
    """A value, and all values within it that may have validators. What stands in two places is visited once."""
    value = spot.value
    match value:
        case list() | tuple():
            members: Any = ((index, (index,), item) for index, item in enumerate(value))
        case dict():
            members = ((key, (key if isinstance(key, int | str) else str(key),), item) for key, item in value.items())
        case set() | frozenset():
            members = ((None, (), item) for item in value)
        case _ if _field_names(type(value)) and not isinstance(value, type) and id(value) not in seen:
            seen.add(id(value))
            yield spot
            members = ((name, _steps(type(value), name), item) for name, item in _members(value))
        case _:
            return
    for key, steps, item in list(members):
        if not isinstance(item, str | int | float | None):
            yield from _spots(Spot(item, spot, key, (*spot.path, *steps)), seen)


def _members(value: Any) -> Iterator[tuple[str, Any]]:
    return ((name, getattr(value, name)) for name in _field_names(type(value)) if hasattr(value, name))


def _steps(cls: Any, name: str) -> Place:
    """Where a field stands in JSON, seen from its object."""
    return _known_steps(cls, name)


@lru_cache(4096)
def _known_steps(cls: Any, name: str) -> Place:
    if not issubclass(cls, BaseModel):
        return (name,)
    if issubclass(cls, RootModel):
        return ()
    field = cls.model_fields[name]
    alias = field.validation_alias or field.alias
    if isinstance(alias, AliasChoices):
        alias = alias.choices[0]
    return tuple(alias.path) if isinstance(alias, AliasPath) else (alias or name,)
