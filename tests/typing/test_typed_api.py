"""What callers' type checkers see. The files beside this one are not run: mypy and pyright read them.

They say what they expect with `assert_type`. A line that must be an error carries `# type: ignore[code]`, which mypy
refuses where it is not needed.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FILES = sorted(path for path in Path(__file__).parent.glob("*.py") if not path.name.startswith(("test_", "_")))

CHECKERS = {
    "mypy": ["mypy", "--strict", "--no-error-summary", "--explicit-package-bases"],
    "pyright": ["pyright", "--pythonpath", sys.executable],
}


def check(checker: str, *files: Path) -> subprocess.CompletedProcess[str]:
    """Run a checker over files as a caller would, with the project's configuration."""
    command = [sys.executable, "-m", *CHECKERS[checker], *map(str, files)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("checker", CHECKERS)
def test_types_as_callers_see_them(checker: str) -> None:
    assert FILES, "tests/typing holds no file for the type checkers to read"
    done = check(checker, *FILES)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("checker", CHECKERS)
def test_a_wrong_expectation_is_caught(checker: str, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.py"
    wrong.write_text("from typing import assert_type\n\nassert_type(len(''), str)\n")
    done = check(checker, wrong)
    assert done.returncode != 0
    assert '"int"' in done.stdout
