"""The contract that every provider keeps, as checks made from its own tables.

    suite(provider, dialect)     a test for pytest, one case for each check
    checks(provider, dialect)    the same checks, for whatever runs them: each has a name, and is called

    tables    of the right types, complete, consistent          wire      encode, against the dialect's judge
    replies   decode, deltas, error                             calls     whole calls against a `Loopback`
    cells     the requests                                      subject   what is under test

::

    # tests/test_provider.py
    from instructor.testing import contract
    from my_package import provider
    from my_package.testing import DIALECT

    test_provider = contract.suite(provider, DIALECT)

pytest is imported when `suite` is called.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from fnmatch import fnmatchcase
from functools import partial
from typing import Any

from ...adapter import Provider
from ..dialect import Dialect
from . import calls, replies, tables, wire
from .subject import FILE_ID, Check, ContractBroken, MakeClient, Subject, as_it_is, broken

__all__ = ["Check", "ContractBroken", "Subject", "checks", "suite"]


def checks(
    provider: Provider,
    dialect: Dialect,
    *,
    models: Sequence[str] = (),
    clients: Mapping[str, MakeClient] | None = None,
    prefix: str = "",
    params: Mapping[str, Any] | None = None,
    canonical: Callable[[Any], Any] = as_it_is,
    file_id: str = FILE_ID,
) -> list[Check]:
    """The checks of a provider.

    Args:
        provider: what the entry point names.
        dialect: how its API answers, and what it takes: a row as those of `instructor.testing.DIALECTS`.
        models: names that the tables are checked with, where they cannot be guessed from the families' patterns.
        clients: SDKs whose clients may send: name → function of (server, asynchronous) that makes a client, pointed at
            `server.url_of(dialect.name)`, which repeats nothing by itself. A client that is a context manager is closed as
            one.
        prefix: what comes between the server's address and the endpoint's path, such as "/v1".
        params: parameters that every call of our own sender needs.
        file_id: an id as the provider's Files API gives it.
        canonical: makes bodies alike that mean the same, where an SDK spells them in another way than we do.
    """
    subject = Subject(
        provider, dialect, tuple(models), dict(clients or {}), prefix, dict(params or {}), canonical, file_id
    )
    return [check for part in (tables, wire, replies, calls) for check in _made(subject, part.checks)]


def _made(subject: Subject, make: Callable[[Subject], Iterable[Check]]) -> list[Check]:
    """The checks of a part; if the tables are such that none can be made, one that says so."""
    try:
        return list(make(subject))
    except Exception as error:
        return [Check(f"{make.__module__.rpartition('.')[2]}: can be looked at", partial(_unmade, subject, error))]


def _unmade(subject: Subject, error: Exception) -> None:
    broken(
        subject, f"its tables cannot be read: {type(error).__name__}: {error}", "run the checks 'tables' first", error
    )


def suite(
    provider: Provider, dialect: Dialect, *, except_for: Mapping[str, str] | None = None, **options: Any
) -> Callable[..., None]:
    """A test of pytest with one case for each check: assign it to a name that begins with `test_`.

    `except_for` names checks that the provider is known not to pass, as a pattern (`"encode: Video*"`), and why: they are
    skipped with the reason; a pattern that fits no check is an error. `options` are those of `checks`.

    Raises:
        ValueError: a pattern of `except_for` fits no check.
    """
    import pytest

    all_checks, reasons = checks(provider, dialect, **options), dict(except_for or {})
    for pattern in reasons:
        if not any(fnmatchcase(check.name, pattern) for check in all_checks):
            raise ValueError(f"except_for: there is no check {pattern!r}")

    def marks(check: Check) -> list[Any]:
        reason = next((why for pattern, why in reasons.items() if fnmatchcase(check.name, pattern)), None)
        return [pytest.mark.skip(reason=reason)] if reason is not None else []

    @pytest.mark.parametrize("check", [pytest.param(check, id=check.name, marks=marks(check)) for check in all_checks])
    def test_contract(check: Check) -> None:
        check()

    return test_contract
