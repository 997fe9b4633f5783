"""`instructor providers`."""

from __future__ import annotations

import importlib.util
import json
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

import pytest

from instructor.adapter import Endpoint, Provider, Sdk
from instructor.cli import providers
from instructor.cli.providers import EXTRAS, MODULES, facts
from instructor.errors import ConfigurationError
from instructor.providers import _registry

from .conftest import Fake, FakeAdapter, Run

ROOT = Path(__file__).resolve().parents[3]


def listed(run: Run) -> dict[str, Any]:
    return {each["name"]: each for each in json.loads(run("providers", "--json").stdout)}


def test_keys_are_looked_for_and_never_shown(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-very-secret")
    found = listed(run)
    assert (found["openai"]["ready"], found["openai"]["missing"]) == (True, [])
    assert (found["anthropic"]["ready"], found["anthropic"]["missing"]) == (False, ["set ANTHROPIC_API_KEY"])
    assert found["openai"]["media"]["Audio"] == ["audio/mpeg", "audio/wav"]
    assert found["openai"]["mode"] == "JSON_SCHEMA"
    for args in (["providers"], ["providers", "--json"]):
        assert "very-secret" not in run(*args).output


def test_for_people(run: Run, fake: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "x")
    lines = {line.split()[0]: line for line in run("providers").stdout.splitlines()}
    assert "yes, with OPENAI_API_KEY" in lines["openai"]
    assert "no: set ANTHROPIC_API_KEY" in lines["anthropic"]
    assert "yes, no key needed" in lines["fake"]


def test_a_missing_extra_is_named_with_its_command(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    real = importlib.util.find_spec
    monkeypatch.setattr(providers, "find_spec", lambda name: None if name in ("rapidocr", "openai") else real(name))
    found = listed(run)
    assert found["embedded"]["ready"] is False
    assert found["embedded"]["missing"] == ['rapidocr: pip install "instructor-multimodal[embedded]"']
    assert found["openai"]["sdk_installed"] is False


def test_a_plug_in_that_cannot_be_loaded(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    real = _registry.find

    def find(name: str) -> Provider:
        if name == "worse":
            raise ConfigurationError("the entry point is not a provider")
        return real(name)

    monkeypatch.setattr(_registry, "find", find)
    monkeypatch.setattr(_registry, "names", lambda: ("embedded", "worse"))
    found = listed(run)
    assert found["worse"]["ready"] is False
    assert found["worse"]["missing"] == ["it cannot be loaded: ConfigurationError: the entry point is not a provider"]
    takes = json.loads(run("inspect", "models.py", "--json").stdout)["providers"]
    assert takes["embedded"]["takes"] is True
    assert takes["worse"] == {"takes": False, "why": found["worse"]["missing"][0]}


def test_a_plug_in_whose_code_fails(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    real = _registry.find
    monkeypatch.setattr(_registry, "find", lambda name: {}["key"] if name == "worse" else real(name))
    monkeypatch.setattr(_registry, "names", lambda: ("embedded", "worse"))
    assert listed(run)["worse"]["missing"] == ["it cannot be loaded: KeyError: 'key'"]
    takes = json.loads(run("inspect", "models.py", "--json").stdout)["providers"]
    assert takes["worse"] == {"takes": False, "why": "it cannot be loaded: KeyError: 'key'"}


@pytest.mark.parametrize(
    ("provider", "key", "missing"),
    [
        (
            Provider(FakeAdapter(), Endpoint("https://example.com", "/", ("A_KEY", "B_KEY"))),
            "A_KEY",
            ("set A_KEY or B_KEY",),
        ),
        (
            Provider(FakeAdapter(), sdk=Sdk("json", "x", ("A",), ("B",), "c")),
            None,
            ("it is reached through its SDK only",),
        ),
        (Provider(FakeAdapter(), answer=dict), None, ()),
    ],
)
def test_facts(desk: Path, provider: Provider, key: str | None, missing: tuple[str, ...]) -> None:
    found = facts("other", provider)
    assert (found.key, found.missing, found.ready) == (key, missing, not missing)


def test_any_of_its_keys_will_do(desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("B_KEY", "x")
    found = facts("other", Provider(FakeAdapter(), Endpoint("https://example.com", "/", ("A_KEY", "B_KEY"))))
    assert (found.key, found.ready) == ("B_KEY", True)


def test_the_modules_are_those_of_the_extra() -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    packages = packages_distributions()
    for name, modules in MODULES.items():
        named = {line.split(">")[0].split(";")[0].strip().lower() for line in extras[EXTRAS.get(name, name)]}
        wanted = named - {"pocketsphinx"}
        assert {packages[module][0].lower() for module in modules} == wanted
