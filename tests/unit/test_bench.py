"""The bench itself: the lock fits `pyproject.toml` and names no address; `make check` counts what was printed."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from scripts import check, lock

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PINNED = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)==(?P<version>[^ ;\\]+)", re.MULTILINE)


def asked(*groups: str) -> list[Requirement]:
    """The direct requirements of dependency groups, without the groups they include."""
    return [
        Requirement(line) for name in groups for line in PROJECT["dependency-groups"][name] if isinstance(line, str)
    ]


def of_extras(*extras: str) -> list[Requirement]:
    """The direct requirements of the package with extras."""
    lines = list(PROJECT["project"]["dependencies"])
    for extra in extras:
        lines += PROJECT["project"]["optional-dependencies"][extra]
    return [Requirement(line) for line in lines]


@pytest.mark.parametrize(
    ("name", "requirements"),
    [
        ("demo", of_extras("embedded", "cli") + asked("build")),
        ("dev", of_extras("openai", "anthropic", "embedded", "cli") + asked("build", "test", "lint", "lock")),
        ("docs", asked("docs")),
    ],
    ids=["demo", "dev", "docs"],
)
def test_the_lock_fits(name: str, requirements: list[Requirement]) -> None:
    pins: dict[str, list[str]] = {}
    for pin in PINNED.finditer((ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8")):
        pins.setdefault(pin["name"], []).append(pin["version"])
    for wanted in requirements:
        found = pins.get(wanted.name, [])
        assert any(wanted.specifier.contains(version) for version in found), f"{wanted}: {found}; run `make lock`"


@pytest.mark.parametrize("file", sorted((ROOT / "requirements").glob("*.txt")), ids=lambda file: file.name)
def test_the_lock_names_no_address(file: Path) -> None:
    assert lock.ADDRESS.search(file.read_text(encoding="utf-8")) is None


def test_all_means_all() -> None:
    extras = PROJECT["project"]["optional-dependencies"]
    everything = {extra for line in extras["all"] for extra in Requirement(line).extras}
    assert everything == extras.keys() - {"all", "local"}, "an engine of 100 MB is asked for by name"


GOOD = {"contracts": "Contracts: 5 kept, 0 broken.", "tests": "===== 812 passed, 3 skipped in 61.20s (0:01:01) ====="}
BAD = {"contracts": "Contracts: 4 kept, 1 broken.", "tests": "===== 2 failed, 810 passed, 1 error in 9.1s ====="}


@pytest.mark.parametrize(
    ("printed", "failed", "line"),
    [
        (
            GOOD,
            set(),
            "check: format ok · lint ok · types ok (mypy, pyright) · contracts 5 kept"
            " · tests 812 passed · 0 failed · 3 skipped",
        ),
        (
            BAD,
            {"lint", "pyright", "contracts", "tests"},
            "check: format ok · lint FAILED · types FAILED (pyright) · contracts 4 kept, 1 BROKEN"
            " · tests 810 passed · 2 failed · 1 errors",
        ),
        (
            {},
            {"format", "mypy", "contracts", "tests"},
            "check: format FAILED · lint ok · types FAILED (mypy) · contracts FAILED · tests FAILED",
        ),
    ],
    ids=["good", "bad", "broken"],
)
def test_the_closing_line(printed: dict[str, str], failed: set[str], line: str) -> None:
    outcomes = {each.name: check.Outcome(each.name not in failed, printed.get(each.name, "")) for each in check.CHECKS}
    assert check.closing(outcomes) == line
