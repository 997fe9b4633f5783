"""The elements of a streamed list, each validated when it closes.

    chunk ──JsonText──▶ pieces of JSON ──Reader──▶ text of an element ──validate_json──▶ T

The array may stand alone or in `{"content": …}`. An element that has been handed out is not taken back: from then on,
no other JSON in the answer counts. A list whose validators want to see it before its elements are validated (modes
"before" and "wrap") cannot be known early: all of its elements come from `close`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import field, replace
from functools import lru_cache
from typing import Any, Generic, TypeVar

from pydantic import ValidationError
from pydantic_core import ErrorDetails, InitErrorDetails, PydanticCustomError

from ..errors import ParseError
from ..values import dataclass
from ._nulls import without_nulls
from ._plans import Check, Elements, Leaf, Run, plan_of
from ._reader import Reader
from ._target import CONTENT, Target
from ._tree import UNSET, Node
from ._walk import Schema
from .partial import run_of, wrapped
from .push import JsonText
from .schema import Rendered

T = TypeVar("T")


class Items(Generic[T]):
    """Reads a list while it arrives."""

    def __init__(
        self,
        target: Target[list[T]],
        rendered: Rendered | None = None,
        *,
        context: Any = None,
        strict: bool | None = None,
    ) -> None:
        self._target = target
        self._rendered = rendered
        self._run = run_of(rendered, context, strict)
        self._json = JsonText()
        plan = _plan_for(target)
        self._judged = plan is not None and plan.finish is not None
        self._reader = None if plan is None else Reader(wrapped(plan, target), self._run, self._guard)
        self._handed = 0
        self._error: Exception | None = None
        self._deaf = False
        self._limit: int | None = None

    @property
    def text(self) -> str:
        """Everything received."""
        return self._json.text

    def feed(self, chunk: str) -> list[T]:
        """The elements that this chunk closed.

        Raises:
            pydantic.ValidationError: the next element is not valid. Those before it have been handed out: an error
                behind elements of the same chunk is raised by the next call.
        """
        self._refuse()
        before = self._handed
        for text, fresh in self._json.feed(chunk):
            if self._reader is None or self._error is not None:
                break
            if fresh:
                self._deaf = self._handed > 0
                if not self._deaf:
                    self._reader.restart()
            if not self._deaf:
                self._reader.feed(text)
                self._handed = len(self._elements)
        found = self._taken(before)
        if not found:
            self._refuse()
        return found

    def close(self) -> list[T]:
        """The elements that could not be known before: almost always none.

        Raises:
            ParseError: there is no JSON, or it is cut off.
            pydantic.ValidationError: it is not the list that was asked for.
        """
        self._refuse()
        reader, run = self._reader, self._run
        if reader is not None and reader.complete and not reader.stray and self._list is not None:
            return []
        json = self._json.close()
        if self._handed:
            raise ParseError(f"the answer holds no complete list: it breaks off after {self._handed} elements")
        return self._target.read(json, context=run.context, strict=run.strict, rendered=self._rendered)

    def _refuse(self) -> None:
        if self._error is not None:
            raise self._error

    def _taken(self, before: int) -> list[T]:
        """The new elements. Unless the list is judged as a whole, nobody will ask for them again."""
        found: list[T] = self._elements[before : self._handed]
        if found and self._list is not None and not self._judged:
            self._list.values[before : self._handed] = [None] * len(found)
        return found

    @property
    def _list(self) -> Node | None:
        values = [] if self._reader is None else self._reader.top.values
        return values[-1] if values and isinstance(values[-1], Node) else None

    @property
    def _elements(self) -> list[Any]:
        """What is valid up to here."""
        return (
            [] if self._list is None else self._list.values if self._limit is None else self._list.values[: self._limit]
        )

    def _guard(self, validate: Callable[[], Any]) -> Any:
        """Keep the first error; what follows it is not validated, nor is what is no list: `close` tells."""
        if self._error is not None or self._list is None:
            return UNSET
        inside = self._list.closed is None
        try:
            return validate()
        except ValidationError as error:
            self._error = self._placed(error) if inside else error
        except Exception as error:
            self._error = error
        self._limit = len(self._elements)
        return UNSET

    def _placed(self, error: ValidationError) -> ValidationError:
        """The error with the path of the element in front."""
        path = (*((CONTENT,) if self._target.wrapped else ()), len(self._elements))
        rows = [_at(path, row) for row in error.errors(include_url=False)]
        return ValidationError.from_exception_data(error.title, rows, input_type="json")


def _at(path: tuple[int | str, ...], row: ErrorDetails) -> InitErrorDetails:
    """One problem, further down. Made anew from its words, because not every kind can be made from its parts."""
    words: Any = row["msg"]
    kind: Any = row["type"]
    return InitErrorDetails(type=PydanticCustomError(kind, words), loc=(*path, *row["loc"]), input=row["input"])


@dataclass(frozen=True, eq=False)
class _ElementCheck(Check):
    """The check of an element, which takes null for absence where the dialect wants it."""

    json_schema: Schema = field(default_factory=dict)

    def json(self, raw: str, run: Run, data: Callable[[], dict[str, Any]]) -> Any:
        if run.null_is_absent and "null" in raw:
            raw = without_nulls(raw, self.json_schema)
        return super().json(raw, run, data)


@lru_cache(1024)
def _plan_for(target: Target[Any]) -> Elements | None:
    """The plan of a list whose elements are read when complete; None where that cannot be."""
    bare = plan_of(target.adapter)
    if not isinstance(bare, Elements):
        return None
    check = bare.item.check
    schema = _ElementCheck(check.schema, check.scope, check.config, None, json_schema=_element_schema(target))
    plain = bare.item.plain if isinstance(bare.item, Leaf) else frozenset[type]()
    return replace(bare, item=Leaf(schema, bare.item.nullable, plain))


def _element_schema(target: Target[Any]) -> Schema:
    root = target.schema
    array = root["properties"][CONTENT] if target.wrapped else root
    items = array.get("items", {})
    return {**items, "$defs": root.get("$defs", {})}
