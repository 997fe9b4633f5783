"""An answer that may be missing, with the reason.

    Maybe[User]   ─▶   {"result": User | null, "error": bool, "message": str | null}

A model that must fill a `User` invents one where the text holds none. A `Maybe[User]` gives it a way to say so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeVar

from pydantic import BaseModel, Field

T = TypeVar("T")


class Maybe(BaseModel, Generic[T]):
    """The result, where the input holds one; otherwise no result, and a message that says why."""

    result: T | None = Field(default=None, description="What was asked for; null if the input does not hold it")
    error: bool = Field(default=False, description="Whether there is no result")
    message: str | None = Field(default=None, description="If there is no result: why, in one short sentence")

    def __bool__(self) -> bool:
        return self.result is not None

    if not TYPE_CHECKING:

        def __new__(cls, model: Any = None, /, **data: Any) -> Any:
            """`Maybe(User)` is `Maybe[User]`, for existing code. Type checkers read the latter."""
            return super().__new__(cls) if model is None else cls[model]
