"""The example of a provider in a package of its own: installed beside this one, its tests pass, and its name is found."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "examples" / "provider_package"
PIP = "-m pip --isolated --disable-pip-version-check install -q --no-deps --no-build-isolation --no-index".split()


def python(*arguments: str, cwd: Path, **environment: str) -> str:
    """What Python prints; fails with it unless it ends well."""
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=cwd,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, str]:
    """The environment of a Python that has the package: a copy of it, so that nothing is left where it lies."""
    folder = tmp_path_factory.mktemp("quill")
    shutil.copytree(EXAMPLE, folder / "source", ignore=shutil.ignore_patterns("__pycache__"))
    python(*PIP, "--target", str(folder / "site"), str(folder / "source"), cwd=folder)
    return {"PYTHONPATH": str(folder / "site"), "HERE": str(folder / "source")}


def test_its_own_tests_pass(installed: Mapping[str, str]) -> None:
    told = python("-m", "pytest", "-q", "-p", "no:cacheprovider", cwd=Path(installed["HERE"]), **installed)
    assert " passed" in told


def test_its_name_is_found(installed: Mapping[str, str]) -> None:
    look = (
        "import instructor; from instructor.providers import _registry\n"
        "print('quill' in _registry.names(), instructor.from_provider('quill/feather-2', api_key='any'))"
    )
    told = python("-c", look, cwd=Path(installed["HERE"]), **installed)
    assert told.split("\n")[0] == "True Instructor(quill, model='feather-2')"


def test_it_is_a_hundred_lines_or_so() -> None:
    lines = (EXAMPLE / "src/instructor_quill/__init__.py").read_text("utf-8").splitlines()
    code = [line for line in lines if line.strip() and not line.strip().startswith(("#", "from", "import"))]
    assert len(code) < 150
