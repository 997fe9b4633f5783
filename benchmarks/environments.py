"""The environments that libraries are measured in: ours, and one for each rival that cannot live beside us.

A rival's environment is made once, with pip, under `.venvs/`; a stamp named after its requirements and the interpreter
says that it is in place.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import venv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HOMES = ROOT / ".venvs"
OURS = "ours"

RIVALS: Mapping[str, tuple[str, ...]] = {
    # Has our import name, so it cannot share an environment with us; it chooses the versions of its SDKs.
    "existing": ("instructor==1.17.*", "openai", "anthropic"),
    # Each chooses the versions of its SDKs.
    "pydantic_ai": ("pydantic-ai-slim[openai]",),
    "litellm": ("litellm", "mcp"),  # calls to OpenAI import mcp, which it does not ask for
    "langchain": ("langchain-openai", "langchain-anthropic"),
}

DISTRIBUTIONS = (
    "instructor-multimodal",
    "instructor",
    "openai",
    "anthropic",
    "httpx2",
    "pydantic",
    "pydantic_core",
    "httpcore2",
    "h11",
    "jiter",
    "pybase64",
    "pydantic-ai-slim",
    "litellm",
    "langchain-core",
    "langchain-openai",
    "langchain-anthropic",
    "httpx",
    "aiohttp",
)
"""Whose versions the page names."""


class NotInstallable(Exception):
    """pip could not make an environment; the libraries in it are left out."""


@dataclass(frozen=True, slots=True)
class Environment:
    """An interpreter, with what is installed beside it."""

    name: str
    python: Path


def environment(name: str) -> Environment:
    """An environment by name, made first if it is not there.

    Raises:
        NotInstallable: pip failed.
    """
    if name == OURS:
        return Environment(OURS, Path(sys.executable))
    home = HOMES / name
    python = home / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if not (home / _stamp(RIVALS[name])).exists():
        print(f"installing {' '.join(RIVALS[name])} into .venvs/{name} (once) …", file=sys.stderr, flush=True)
        venv.create(home, clear=True, with_pip=True, symlinks=os.name != "nt")
        _pip(name, python, "install", *RIVALS[name])
        (home / _stamp(RIVALS[name])).touch()
    return Environment(name, python)


def _stamp(requirements: tuple[str, ...]) -> str:
    described = "\n".join((sys.version, str(ROOT), *requirements))  # a moved environment no longer runs
    return f".made-{hashlib.sha256(described.encode()).hexdigest()[:16]}"


def _pip(name: str, python: Path, *arguments: str) -> None:
    command = [str(python), "-m", "pip", "--disable-pip-version-check", "-q", *arguments]
    done = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)
    if done.returncode:
        raise NotInstallable(f".venvs/{name}: pip ended with {done.returncode}: {done.stderr.strip()[-500:]}")
