"""What is under test: a provider, the dialect that judges it, and the models that stand for its families.

Subject        provider, dialect, clients, and how an address is made of a server's
Check          one named check; calling it runs it
broken(…)      what is wrong, and what the author can do about it
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import field
from typing import Any, NoReturn

from ...adapter import Adapter, Family, Provider, family
from ...values import dataclass
from ..dialect import Dialect
from ..loopback import Loopback
from ..patterns import matching

MakeClient = Callable[[Loopback, bool], Any]
"""(server, asynchronous) → a client of the provider's SDK, pointed at the server, that repeats nothing."""

FILE_ID = "file-contract0123456789"

SOME_MODELS = ("contract-model", "some-model", "m")
"""Names that no pattern is likely to be after: they stand for a family that takes any."""


class ContractBroken(AssertionError):
    """A provider does not do what every provider does."""


@dataclass(frozen=True, slots=True)
class Check:
    """One check of the contract. Calling it runs it."""

    name: str
    run: Callable[[], None]

    def __call__(self) -> None:
        self.run()


def as_it_is(body: Any) -> Any:
    """The body, unchanged."""
    return body


@dataclass(frozen=True, slots=True)
class Subject:
    """See `contract.suite` for what the fields mean."""

    provider: Provider
    dialect: Dialect
    models: tuple[str, ...] = ()
    clients: Mapping[str, MakeClient] = field(default_factory=dict)
    prefix: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)
    canonical: Callable[[Any], Any] = as_it_is
    file_id: str = FILE_ID

    @property
    def adapter(self) -> Adapter:
        return self.provider.adapter

    @property
    def open(self) -> bool:
        """Whether the adapter says that it passes on parameters that it does not know."""
        return bool(getattr(getattr(self.adapter, "parameters", None), "open", False))

    def name_for(self, row: Family) -> str | None:
        """A model of this family: one of the given names, or one made from its pattern."""
        made = matching(row.pattern.pattern)
        names = filter(None, (*self.models, *SOME_MODELS, made))
        rows = self.adapter.families
        return next(
            (name for name in names if next((one for one in rows if one.pattern.search(name)), None) is row), None
        )

    @property
    def named(self) -> tuple[str, ...]:
        """One model for each family for which there is a name, and those that the author names."""
        found = (self.name_for(row) for row in self.adapter.families)
        return tuple(dict.fromkeys((*self.models, *(name for name in found if name))))

    @property
    def model(self) -> str:
        """The model that takes the most modes, the first of these."""
        return max(self.named, key=lambda name: len(family(self.adapter, name).modes))


def broken(subject: Subject, problem: str, remedy: str, cause: BaseException | None = None) -> NoReturn:
    """Raise ContractBroken: what is wrong, and what to do."""
    raise ContractBroken(f"{subject.adapter.name}: {problem}\n  → {remedy}") from cause
