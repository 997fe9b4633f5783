"""The house keeps its floors, and a planted violation of each rule is seen.

The rules are in `pyproject.toml` (`tool.importlinter`), read by import-linter. It sees every import alike; what matters
about *where* an import stands is checked here, by reading the source: provider SDKs and heavy libraries never load with
the module that names them, and the type-only exceptions stay type only.
"""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "instructor"
CONFIG = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
CONTRACTS = {contract["id"]: contract for contract in CONFIG["contracts"]}

LINT = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(no_cache=True, no_logo=True))"


def lint(tree: Path) -> subprocess.CompletedProcess[str]:
    """Run import-linter over a copy of the source that lies under `tree`."""
    environment = {**os.environ, "PYTHONPATH": str(tree / "src"), "COLUMNS": "200", "NO_COLOR": "1"}
    command = [sys.executable, "-c", LINT]
    return subprocess.run(
        command, cwd=tree, env=environment, capture_output=True, text=True, encoding="utf-8", check=False
    )


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of the source and its rules, to plant things in."""
    ignored = shutil.ignore_patterns("__pycache__", "*.onnx")
    shutil.copytree(ROOT / "src", tmp_path / "src", ignore=ignored)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def test_contracts_are_kept(tree: Path) -> None:
    done = lint(tree)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{len(CONTRACTS)} kept, 0 broken" in done.stdout


class Planted(NamedTuple):
    file: str
    line: str
    contract: str


PLANTED = [
    Planted("errors.py", "from .client import Instructor", "floors"),
    Planted("ir.py", "def late():\n    import instructor.engine", "floors"),
    Planted("modes.py", "from . import chat", "floors"),
    Planted("engine.py", "from .providers import openai", "floors"),
    Planted("cupboard.py", "", "floors"),
    Planted("providers/anthropic/codec.py", "from ..openai import encode", "dialects"),
    Planted("engine.py", "import asyncio", "pure"),
    Planted("chat.py", "from time import sleep", "pure"),
    Planted("media/_base.py", "def fetch():\n    import httpx2", "pure"),
    Planted("providers/openai.py", "import socket", "pure"),
    Planted("drivers/http.py", "def send():\n    import anthropic", "sdks"),
    Planted("providers/compatible.py", "import groq", "sdks"),
    Planted("media/image.py", "from .audio import Audio", "kinds"),
]


@pytest.mark.parametrize("planted", PLANTED, ids=lambda planted: f"{planted.contract}-{planted.file}")
def test_a_planted_violation_is_caught(planted: Planted, tree: Path) -> None:
    file = tree / "src" / "instructor" / planted.file
    with file.open("a", encoding="utf-8") as opened:
        opened.write(f"\n\n{planted.line}\n")
    done = lint(tree)
    assert done.returncode != 0
    broken = [line for line in done.stdout.splitlines() if " BROKEN" in line]
    name = CONTRACTS[planted.contract]["name"]
    assert any(line.startswith(name) for line in broken), done.stdout + done.stderr


def test_every_room_below_the_drivers_is_named_pure() -> None:
    floors = CONTRACTS["floors"]["layers"]
    drivers = next(i for i, floor in enumerate(floors) if floor.startswith("drivers"))
    below = [room.strip(" ()") for floor in floors[drivers + 1 :] for room in floor.split("|")]
    there = {f"instructor.{room}" for room in below if list(SOURCE.glob(f"{room}.py")) or (SOURCE / room).is_dir()}
    assert there == set(CONTRACTS["pure"]["source_modules"])


# ------------------------------------------------------------------------------------- where an import stands


class Import(NamedTuple):
    """One import statement's target: `when` is "load" (module level), "use" (in a function) or "types"."""

    module: str
    line: int
    when: str


def imports(code: str, package: str = "instructor") -> Iterator[Import]:
    """All imports of a module that lies directly in `package`, absolute names."""

    def walk(node: ast.AST, when: str) -> Iterator[Import]:
        if isinstance(node, ast.Import):
            yield from (Import(alias.name, node.lineno, when) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            yield Import(".".join([*base, *([node.module] if node.module else [])]), node.lineno, when)
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            when = when if when == "types" else "use"
        elif isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING"):
            for child in node.body:
                yield from walk(child, "types")
            for child in node.orelse:
                yield from walk(child, when)
            return
        for child in ast.iter_child_nodes(node):
            yield from walk(child, when)

    yield from walk(ast.parse(code), "load")


def package_of(file: Path) -> str:
    """The dotted package a source file lies in."""
    return ".".join(file.relative_to(SOURCE.parent).parent.parts)


CORE = {"pydantic", "pydantic_core", "pybase64", "typing_extensions", "instructor", *sys.stdlib_module_names}
"""What any module may import while it is being imported."""

ROOMS = {
    "drivers": {"httpcore2", "httpx2"},
    "testing": {"httpx2", "pytest"},
    "cli": {"rich", "typer"},
    "providers/embedded": {"numpy", "PIL", "rapidfuzz"},
}
"""Room → what its own modules may import besides, because nothing imports the room before it is asked for."""


def heavy(code: str, file: Path) -> list[Import]:
    """The imports of a module that would load something heavy, or foreign, with it."""
    place = file.relative_to(SOURCE).with_suffix("").as_posix()
    allowed = CORE.union(*(more for room, more in ROOMS.items() if f"{place}/".startswith(f"{room}/")))
    found = imports(code, package_of(file))
    return [each for each in found if each.when == "load" and each.module.split(".")[0] not in allowed]


FILES = sorted(SOURCE.rglob("*.py"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.relative_to(SOURCE).as_posix())
def test_nothing_heavy_loads_with_a_module(file: Path) -> None:
    assert heavy(file.read_text(encoding="utf-8"), file) == []


@pytest.mark.parametrize(
    ("code", "caught"),
    [
        ("import openai", True),
        ("class C:\n    from anthropic import Anthropic", True),
        ("try:\n    import PIL.Image\nexcept ImportError:\n    pass", True),
        ("from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import openai", False),
        ("def use():\n    import openai", False),
        ("from ..errors import InstructorError\nimport json, pydantic", False),
    ],
)
def test_the_reader_sees_where_an_import_stands(code: str, caught: bool) -> None:
    assert bool(heavy(code, SOURCE / "providers" / "openai.py")) is caught


@pytest.mark.parametrize(
    ("file", "target"),
    [("client.py", "openai"), ("client.py", "anthropic")],
)
def test_type_only_exceptions_stay_type_only(file: str, target: str) -> None:
    path = SOURCE / file
    found = imports(path.read_text(encoding="utf-8"), package_of(path))
    assert {each.when for each in found if each.module == target} <= {"types"}


BY_NAME = re.compile(r"\b(?:import_module|__import__)\b")


def test_one_import_by_name_goes_up() -> None:
    """An import by name is hidden from import-linter; below the drivers, only these have a reason for one."""
    reasons = {
        "_later.py": "what packages export, from their own modules, which are named for type checkers and this linter, too",
        "media/_base.py": "Image.to_openai() and its siblings reach the adapters when they are called",
        "media/_objects.py": "Pillow and NumPy, whose objects a caller hands over",
        "fit/": "a heavy library, when it is used; and what the package exports",
        "providers/": "the registry loads a dialect by its name; a reader, its library",
    }
    users = {
        file.relative_to(SOURCE).as_posix()
        for room in CONTRACTS["pure"]["source_modules"]
        for file in FILES
        if package_of(file).startswith(room) or file.with_suffix("") == SOURCE / room.rpartition(".")[2]
        if BY_NAME.search(file.read_text(encoding="utf-8"))
    }
    assert [user for user in users if not user.startswith(tuple(reasons))] == []
    base = SOURCE / "media" / "_base.py"
    late = [
        each for each in imports(base.read_text(encoding="utf-8"), "instructor.media") if "importlib" in each.module
    ]
    assert {each.when for each in late} <= {"use"}


def test_importing_the_package_loads_nothing_heavy() -> None:
    heavy_ones = "openai anthropic httpx2 asyncio numpy PIL onnxruntime rapidocr pypdfium2 pocketsphinx rich typer"
    code = f"import sys, instructor; print(sorted(set({heavy_ones.split()!r}) & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
