"""Run every check, whatever the others say, and end with one line of counts.

    check: format ok · lint ok · types ok (mypy, pyright) · contracts 5 kept · tests 812 passed · 0 failed

Each check prints as it goes; the exit status is 0 only if all of them passed. Run by `make check`; arguments go to
pytest (`make check ARGS="-k image"`).
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one command ended, and all it printed."""

    passed: bool
    printed: str


@dataclass(frozen=True, slots=True)
class Check:
    """One command, and how its outcome reads in the closing line."""

    name: str
    command: list[str]
    say: Callable[[Outcome], str]


def ok(name: str) -> Callable[[Outcome], str]:
    """A check that either passes or not."""
    return lambda outcome: f"{name} {'ok' if outcome.passed else 'FAILED'}"


def contracts(outcome: Outcome) -> str:
    """How many contracts were kept and, if any, broken."""
    found = re.search(r"(\d+) kept, (\d+) broken", outcome.printed)
    if found is None:
        return "contracts FAILED"
    kept, broken = found.groups()
    return f"contracts {kept} kept" + (f", {broken} BROKEN" if broken != "0" else "")


def tests(outcome: Outcome) -> str:
    """What pytest counted."""
    closing = outcome.printed.rstrip().rpartition("\n")[2]
    counts = {word: int(n) for n, word in re.findall(r"(\d+) (passed|failed|skipped|error)", closing)}
    if not counts:
        return "tests FAILED"
    said = f"tests {counts.get('passed', 0)} passed · {counts.get('failed', 0)} failed"
    said += f" · {counts['error']} errors" if "error" in counts else ""
    said += f" · {counts['skipped']} skipped" if "skipped" in counts else ""
    return said if outcome.passed or "failed" in counts or "error" in counts else f"{said} · run FAILED"


def module(name: str, *arguments: str) -> list[str]:
    """A tool of this environment."""
    return [sys.executable, "-m", name, *arguments]


LINT_IMPORTS = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(no_logo=True))"

CHECKS = [
    Check("format", module("ruff", "format", "--check", "."), ok("format")),
    Check("lint", module("ruff", "check", "."), ok("lint")),
    Check("mypy", module("mypy", "--strict", "src"), ok("mypy")),
    Check("pyright", module("pyright", "--pythonpath", sys.executable, "src"), ok("pyright")),
    Check("contracts", [sys.executable, "-c", LINT_IMPORTS], contracts),
    Check("tests", module("pytest", "--color=no", *sys.argv[1:]), tests),
]


def run(check: Check) -> Outcome:
    """Run one check, showing what it prints while it prints it."""
    print(f"── {check.name} ".ljust(100, "─"), flush=True)
    lines: list[str] = []
    with subprocess.Popen(
        check.command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, encoding="utf-8"
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            print(line, end="", flush=True)
            lines.append(line)
    return Outcome(process.returncode == 0, "".join(lines))


def closing(outcomes: dict[str, Outcome]) -> str:
    """The one line at the end. The two type checkers share a place in it."""
    bad = [name for name in ("mypy", "pyright") if not outcomes[name].passed]
    said = {check.name: check.say(outcomes[check.name]) for check in CHECKS}
    said["mypy"] = f"types FAILED ({', '.join(bad)})" if bad else "types ok (mypy, pyright)"
    del said["pyright"]
    return "check: " + " · ".join(said.values())


def main() -> int:
    """Run all, say how it went."""
    outcomes = {check.name: run(check) for check in CHECKS}
    print(closing(outcomes))
    return 0 if all(outcome.passed for outcome in outcomes.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
