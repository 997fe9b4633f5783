"""Growing objects: a snapshot of the answer after each chunk of it.

    chunk ──JsonText──▶ pieces of JSON ──Reader──▶ tree ──(tree, tick)──▶ snapshot        close() ──▶ T, as `create` reads it

While an answer is incomplete,

    a text                                  grows
    a number, true, false, null             appears when the character behind it has come
    a Literal, Enum, date, Decimal, …       appears when complete
    a model, dataclass                      is an instance of its partial class: isinstance holds, fields may be None
    a TypedDict, dict                       is an immutable mapping, and a dict once it is complete
    a list                                  is an immutable sequence, and a list once it is complete
    a tuple, set, NamedTuple, RootModel     appears when complete
    a discriminated union                   appears when its discriminator has come
    another union                           appears when complete
    a field that has not come               is None; its default once its object is complete
    a field that is not valid               is None; `close` raises the error

A field's validators run when its value is complete, and again in `close`, which validates everything, as `create` does;
those of a whole model, any around a field that holds one, and those that call out (`calls_out`) run in `close` alone:
until then a value is shown without them. A snapshot never changes. It costs the same whatever came before it:
texts, lists and fields are put together when somebody looks, and what is complete is shared by all snapshots.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Annotated, Any, Generic, TypeVar

from ._plans import Plan, Run, Wrapper, plan_of
from ._reader import Reader
from ._target import CONTENT, Target
from ._tree import UNSET, resolved
from .push import JsonText
from .schema import Rendered

T = TypeVar("T")


class Snapshots(Generic[T]):
    """Reads an answer while it arrives."""

    def __init__(
        self, target: Target[T], rendered: Rendered | None = None, *, context: Any = None, strict: bool | None = None
    ) -> None:
        self._target = target
        self._rendered = rendered
        self._run = run_of(rendered, context, strict)
        self._json = JsonText()
        self._reader = Reader(plan_for(target), self._run, _lenient)

    @property
    def text(self) -> str:
        """Everything received."""
        return self._json.text

    def feed(self, chunk: str) -> T | None:
        """A new snapshot; None where this chunk made no visible difference."""
        changed = False
        for text, fresh in self._json.feed(chunk):
            if fresh:
                self._reader.restart()
            self._reader.feed(text)
            changed = changed or self._reader.changed
        if not changed or not self._reader.top.values:
            return None
        found: T = resolved(self._reader.top.values[-1], self._reader.tick)
        return found

    def close(self) -> T:
        """The object, validated whole: what `create` would have returned.

        Raises:
            ParseError: there is no JSON, or it is cut off.
            pydantic.ValidationError: it is not of the type.
        """
        run = self._run
        return self._target.read(self._json.close(), context=run.context, strict=run.strict, rendered=self._rendered)


@lru_cache(1024)
def plan_for(target: Target[Any]) -> Plan:
    """How answers to a target are read. Made once for each."""
    return wrapped(plan_of(target.adapter, calling=False), target)


def wrapped(bare: Plan, target: Target[Any]) -> Plan:
    """The plan with the object around it that the target asks for."""
    return Wrapper(bare.check, bare.nullable, key=CONTENT, bare=bare) if target.wrapped else bare


def run_of(rendered: Rendered | None, context: Any, strict: bool | None) -> Run:
    return Run(context, strict, rendered is not None and rendered.null_is_absent)


def _lenient(validate: Callable[[], Any]) -> Any:
    """A value that is not valid, or whose validators fail, is not there. `close` meets the same error and raises it."""
    try:
        return validate()
    except Exception:
        return UNSET


if TYPE_CHECKING:
    Partial = Annotated[T, "growing"]
    """A `T`, any field of which may still be None. To type checkers it is `T`."""
else:

    class Partial:
        """`Partial[T]` marks a growing `T`. `whole` finds the `T` again."""

        def __class_getitem__(cls, form: Any) -> Any:
            return Annotated[form, _GROWING]


class _Growing:
    """The mark of `Partial`."""

    def __repr__(self) -> str:
        return "growing"


_GROWING = _Growing()


def whole(form: Any) -> Any:
    """The type within `Partial[…]`; any other type as it is."""
    return form.__origin__ if _GROWING in getattr(form, "__metadata__", ()) else form
