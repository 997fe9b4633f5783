"""A terminal for the tests: files to read, a model to fill, and a provider that reads without effort."""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from instructor.adapter import Provider
from instructor.cli.app import app
from instructor.errors import BadRequest
from instructor.providers import _registry
from instructor.providers.embedded.dialect import Embedded

MODELS = """
from typing import Literal, Optional
from pydantic import BaseModel, Field

class Person(BaseModel):
    name: str
    age: int

class Address(BaseModel):
    city: str
    zip: str

class Line(BaseModel):
    what: str
    price: float

class Order(BaseModel):
    id: int
    address: Address | None = None
    tags: list[str] = Field(default_factory=list, alias="labels")
    lines: list[Line] = []

    class Inner(BaseModel):
        x: int

People = list[Person]
LIMIT = 3

def make() -> None: ...
"""

Run = Callable[..., Result]


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty folder with `models.py`, no keys, and the imports of a command undone afterwards."""
    (tmp_path / "models.py").write_text(MODELS, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    for name in ("OPENAI_API_KEY", "ANTHROPIC_API_KEY", "OPENAI_BASE_URL", "ANTHROPIC_BASE_URL", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLUMNS", "200")
    before = {*sys.modules}
    yield tmp_path
    for name in {*sys.modules} - before:
        if str(getattr(sys.modules[name], "__file__", None)).startswith(str(tmp_path)):
            del sys.modules[name]


@pytest.fixture
def run(desk: Path) -> Run:
    """Run the command in the folder."""

    def invoke(*args: str, stdin: bytes | None = None) -> Result:
        return CliRunner().invoke(app, list(args), input=stdin)

    return invoke


class Fake:
    """A provider in this process. A file says what it does:

    JSON text is the answer · `fail` is refused · `crash` raises what no provider should · `slow …` takes its time
    """

    def __init__(self) -> None:
        self.wires: list[Mapping[str, Any]] = []
        self.at_work = self.most = 0
        self._lock = threading.Lock()

    def answer(self, wire: Mapping[str, Any]) -> Mapping[str, Any]:
        with self._lock:
            self.wires.append(wire)
            self.at_work += 1
            self.most = max(self.most, self.at_work)
        try:
            return {"text": self._say(wire["messages"][0]["parts"][-1]["medium"].read().decode())}
        finally:
            with self._lock:
                self.at_work -= 1

    def _say(self, text: str) -> str:
        if text.startswith("fail"):
            raise BadRequest("it is not to my taste\n\x1b[31mat all", provider="fake")
        if text.startswith("crash"):
            raise RuntimeError("a wheel came off")
        if text.startswith("slow"):
            time.sleep(0.2)
            text = text.removeprefix("slow")
        json.loads(text)
        return text


class FakeAdapter(Embedded):
    name = "fake"


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> Fake:
    """The provider `fake`, beside the real ones."""
    made, real, names = Fake(), _registry.find, _registry.names()
    provider = Provider(FakeAdapter(), answer=made.answer, default_model="one")
    monkeypatch.setattr(_registry, "find", lambda name: provider if name == "fake" else real(name))
    monkeypatch.setattr(_registry, "names", lambda: tuple(sorted({*names, "fake"})))
    return made
