"""`--plan`: shown, not sent."""

from __future__ import annotations

import hashlib
import json
import socket
from pathlib import Path
from typing import Any

import pytest

from instructor.cli import terminal

from .conftest import Fake, Run
from .test_extract import PNG


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not even this machine's."""

    def refuse(*args: Any, **kwargs: Any) -> Any:
        raise AssertionError("a plan touched the network")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr(socket.socket, "connect", refuse)


def sha(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()[:12]}…"


def planned(run: Run, *args: str, into: str = "models.py:Person") -> Any:
    result = run("extract", *args, "--into", into, "--plan", "--json")
    assert (result.stderr, result.exit_code) == ("", 0)
    return json.loads(result.stdout)


def test_media_are_named_not_spelled_out(run: Run, desk: Path) -> None:
    (desk / "pixel.png").write_bytes(PNG)
    plan = planned(run, "pixel.png", "--model", "openai/gpt-4o-mini", "--prompt", "Who?")
    assert {key: plan[key] for key in ("provider", "model", "mode", "medium")} == {
        "provider": "openai",
        "model": "gpt-4o-mini",
        "mode": "JSON_SCHEMA",
        "medium": f"Image(image/png, pixel.png, {len(PNG)} bytes)",
    }
    content = plan["request"]["messages"][-1]["content"]
    assert content == [
        {"type": "text", "text": "Who?"},
        {
            "type": "image_url",
            "image_url": {"url": f"data:image/png;base64,<image/png {len(PNG)} bytes 1×1 {sha(PNG)}>"},
        },
    ]
    schema = plan["request"]["response_format"]["json_schema"]["schema"]
    assert set(schema["properties"]) == {"name", "age"}


def test_the_embedded_reader(run: Run, desk: Path) -> None:
    (desk / "a.txt").write_text("Name: Jason")
    plan = planned(run, "a.txt")
    assert plan["model"] == "reader"
    assert plan["request"]["messages"][0]["parts"] == [{"medium": f"<text/plain 11 bytes {sha(b'Name: Jason')}>"}]


@pytest.mark.parametrize(
    ("url", "model", "sent"),
    [
        ("https://example.com/a.png", "openai/gpt-4o-mini", True),
        ("https://example.com/a.png", "embedded", False),
        ("https://example.com/a", "openai/gpt-4o-mini", False),
        ("https://93.184.215.14/a.pdf?page=1", "openai/gpt-4o-mini", False),
    ],
)
def test_what_must_be_fetched_first_is_said(run: Run, desk: Path, url: str, model: str, sent: bool) -> None:
    plan = planned(run, url, "--model", model)
    assert ("request" in plan) is sent
    assert ("note" in plan) is not sent
    if sent:
        assert plan["request"]["messages"][-1]["content"][0]["image_url"] == {"url": url}


def test_several_files_and_one_that_cannot_be_sent(run: Run, desk: Path, fake: Fake) -> None:
    (desk / "a.txt").write_text("{}")
    (desk / "talk.flac").write_bytes(b"fLaC" + bytes(64))
    result = run("extract", "a.txt", "talk.flac", "--into", "models.py:Person", "--model", "fake", "--plan")
    assert result.exit_code == 1
    assert [json.loads(line)["file"] for line in result.stdout.splitlines()] == ["a.txt"]
    assert result.stderr.startswith("talk.flac: ")
    assert fake.wires == []


def test_for_people(run: Run, desk: Path, fake: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(terminal, "attended", lambda stream: True)
    (desk / "a.txt").write_text("{}")
    result = run("extract", "a.txt", "--into", "models.py:Person", "--model", "fake", "--plan")
    title, rest = result.stdout.split("\n", 1)
    assert title == "a.txt"
    assert json.loads(rest)["provider"] == "fake"
