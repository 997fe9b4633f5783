"""`instructor extract`, in this process."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import IO

import pytest
from rich.console import Console

from instructor.cli import terminal
from instructor.testing import Loopback

from .conftest import Fake, Run

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108020000009077"
    "53de0000000c49444154789c63f8cfc0000003010100c9fe92ef0000000049454e44ae426082"
)


@pytest.fixture
def people(desk: Path) -> Path:
    (desk / "a.txt").write_text("Name: Jason\nAge: 20\n")
    (desk / "b.txt").write_text("Name: Sarah\nAge: 31\n")
    (desk / "c.txt").write_text("Nothing of the kind\n")
    return desk


@pytest.fixture
def answers(desk: Path, fake: Fake) -> Path:
    """Files that tell the fake provider what to say."""
    (desk / "1.txt").write_text('slow {"name": "Ann", "age": 1}')
    (desk / "2.txt").write_text('{"name": "Bob", "age": 2}')
    (desk / "3.txt").write_text("fail")
    (desk / "4.txt").write_text('{"name": "Cem", "age": 4}')
    return desk


FAKE = ("--into", "models.py:Person", "--model", "fake")

# ── with the embedded reader ─────────────────────────────────────────────────────────────────────


def test_a_text_read_by_the_default_provider(run: Run, people: Path) -> None:
    result = run("extract", "a.txt", "--into", "models.py:Person", "--json")
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == '{\n  "name": "Jason",\n  "age": 20\n}\n'


def test_a_pipe_gets_lines_and_no_bar(run: Run, people: Path) -> None:
    result = run("extract", "a.txt", "b.txt", "--into", "models.py:Person")
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == (
        '{"file": "a.txt", "result": {"name": "Jason", "age": 20}}\n'
        '{"file": "b.txt", "result": {"name": "Sarah", "age": 31}}\n'
    )


def test_what_was_not_found_is_named(run: Run, people: Path) -> None:
    result = run("extract", "c.txt", "a.txt", "--into", "models.py:Person", "--csv", "--max-retries", "0")
    assert result.exit_code == 1
    assert result.stdout == "file,name,age\na.txt,Jason,20\n"
    assert result.stderr == (
        "c.txt: embedded (reader) gave no valid Person in 1 attempt:\n"
        "  - Field required @ $.name\n"
        "  - Field required @ $.age\n"
        "  note: not found in the media: $.name, $.age\n"
    )


def test_standard_input(run: Run, desk: Path) -> None:
    result = run("extract", "-", "--into", "models.py:Person", stdin=b"Name: Jason\nAge: 20\n")
    assert result.stdout == '{"file": "-", "result": {"name": "Jason", "age": 20}}\n'


# ── several files ────────────────────────────────────────────────────────────────────────────────


def test_one_failure_does_not_stop_the_others(run: Run, answers: Path) -> None:
    result = run("extract", "1.txt", "2.txt", "3.txt", "4.txt", "absent.png", *FAKE, "--json")
    assert result.exit_code == 1
    assert [(each["file"], each["result"]["name"]) for each in json.loads(result.stdout)] == [
        ("1.txt", "Ann"),
        ("2.txt", "Bob"),
        ("4.txt", "Cem"),
    ]
    assert result.stderr == (
        "3.txt: fake: it is not to my taste\n  \\x1b[31mat all\nabsent.png: No such file or directory\n"
    )


def test_patterns_are_expanded_in_order(run: Run, answers: Path) -> None:
    (answers / "deep" / "er").mkdir(parents=True)
    (answers / "deep" / "er" / "5.txt").write_text('{"name": "Dora", "age": 5}')
    (answers / "x[1].txt").write_text('{"name": "Eve", "age": 6}')
    result = run("extract", "**/[5-9].txt", "x[1].txt", "?.md", "[12].txt", *FAKE)
    named = [
        (line["file"].replace("\\", "/"), line["result"]["name"])
        for line in map(json.loads, result.stdout.splitlines())
    ]
    assert named == [("deep/er/5.txt", "Dora"), ("x[1].txt", "Eve"), ("1.txt", "Ann"), ("2.txt", "Bob")]
    assert result.stderr == "?.md: no file is named like this\n"
    assert result.exit_code == 1


@pytest.mark.parametrize(("concurrency", "most"), [("1", 1), ("3", 3)])
def test_so_many_at_a_time(run: Run, desk: Path, fake: Fake, concurrency: str, most: int) -> None:
    for number in range(6):
        (desk / f"{number}.txt").write_text(f'slow {{"name": "N", "age": {number}}}')
    result = run("extract", "*.txt", *FAKE, "--concurrency", concurrency)
    assert [json.loads(line)["result"]["age"] for line in result.stdout.splitlines()] == [0, 1, 2, 3, 4, 5]
    assert fake.most == most


def test_a_crash_in_one_file_is_named(run: Run, answers: Path) -> None:
    (answers / "5.txt").write_text("crash")
    result = run("extract", "5.txt", "2.txt", *FAKE)
    assert result.stderr == "5.txt: RuntimeError: a wheel came off (--debug shows where)\n"
    assert json.loads(result.stdout)["file"] == "2.txt"
    assert result.exit_code == 1


def test_debug_raises(run: Run, answers: Path) -> None:
    result = run("extract", "2.txt", "3.txt", *FAKE, "--debug")
    assert type(result.exception).__name__ == "BadRequest"


def test_a_prompt_goes_before_the_file(run: Run, answers: Path, fake: Fake) -> None:
    run("extract", "2.txt", *FAKE, "--prompt", "Who is it?")
    run("extract", "2.txt", *FAKE)
    first, second = (wire["messages"][0]["parts"] for wire in fake.wires)
    assert first[0] == {"text": "Who is it?"}
    assert [list(part) for part in second] == [["medium"]]


# ── where results go ─────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("out.json", '{\n  "name": "Bob",\n  "age": 2\n}\n'),
        ("out.csv", "file,name,age\n2.txt,Bob,2\n"),
        ("out.txt", '{"file": "2.txt", "result": {"name": "Bob", "age": 2}}\n'),
    ],
)
def test_an_output_file(run: Run, answers: Path, name: str, content: str) -> None:
    result = run("extract", "2.txt", *FAKE, "-o", name)
    assert (result.exit_code, result.output) == (0, "")
    assert (answers / name).read_bytes() == content.encode()


def test_an_output_file_is_left_alone_where_the_command_cannot_run(run: Run, answers: Path) -> None:
    (answers / "kept.json").write_text("kept")
    result = run("extract", "2.txt", "--into", "models.py:Person", "--model", "openai/gpt-4o", "-o", "kept.json")
    assert result.exit_code == 2
    assert (answers / "kept.json").read_text() == "kept"


def test_people_in_a_terminal_get_a_layout_and_a_bar(run: Run, answers: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(terminal, "attended", lambda stream: True)
    monkeypatch.setattr(terminal, "err", lambda: Console(stderr=True, force_terminal=True))
    result = run("extract", "2.txt", "[brackets].txt", "4.txt", *FAKE)
    assert result.stdout == (
        "2.txt → Person\nPerson(\n    name='Bob',\n    age=2\n)\n\n4.txt → Person\nPerson(\n    name='Cem',\n    age=4\n)\n\n"
    )
    assert "[brackets].txt:\x1b[0m no file is named like this" in result.stderr
    assert re.search(r"reading .*3/3", result.stderr)


def test_a_bar_stays_out_of_a_pipe(run: Run, answers: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def attended(stream: IO[str]) -> bool:
        return stream is sys.stderr

    monkeypatch.setattr(terminal, "attended", attended)
    monkeypatch.setattr(terminal, "err", lambda: Console(stderr=True, force_terminal=True))
    result = run("extract", "2.txt", "4.txt", *FAKE)
    assert [json.loads(line)["file"] for line in result.stdout.splitlines()] == ["2.txt", "4.txt"]
    assert "2/2" in result.stderr


# ── what is wrong with the command ───────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["2.txt", "--into", "models.py:Persn"], "error: --into 'models.py:Persn': there is no 'Persn' in models.py."),
        (["2.txt", "--into", "models.py:make"], "not a type but a function"),
        (["2.txt", "--into", "models.py:Person", "--model", "opnai/x"], "Did you mean 'openai'?"),
        (["2.txt", "--into", "models.py:Person", "--model", "openai/gpt-4o"], "set OPENAI_API_KEY"),
        (["2.txt", "--into", "models.py:Person", "--model", "openai"], 'write "openai/<model>"'),
        (["2.txt", "--into", "models.py:Person", "--model", "openai", "--plan"], 'write "openai/<model>"'),
        (["2.txt", *FAKE, "--json", "--csv"], "--json and --csv exclude each other"),
        (["2.txt", *FAKE, "--plan", "--csv"], "--plan is no table"),
        (["-", "-", *FAKE], "- is standard input, which can be read once only"),
        (["2.txt", *FAKE, "-o", "2.txt"], "'2.txt' is one of the files to read"),
        (["2.txt", *FAKE, "-o", "no/such/folder.json"], "cannot be written: No such file or directory"),
        (["2.txt", *FAKE, "--concurrency", "0"], "--concurrency"),
        (["2.txt", *FAKE, "--max-retries", "-1"], "--max-retries"),
        (["2.txt"], "--into"),
        (FAKE, "FILE"),
    ],
)
def test_usage(run: Run, answers: Path, fake: Fake, args: list[str], message: str) -> None:
    result = run("extract", *args)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert message in result.stderr
    assert "Traceback" not in result.stderr
    assert fake.wires == []


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"\x00\x01\x02\x03", "binary data that starts with the bytes 00 01 02 03"),
        (b"\x89PNG\r\n\x1a\n", None),
    ],
)
def test_bad_files(run: Run, desk: Path, content: bytes, message: str | None) -> None:
    (desk / "bad.png").write_bytes(content)
    result = run("extract", "bad.png", ".", "--into", "models.py:Person")
    assert (result.exit_code, result.stdout) == (1, "")
    first, *_, last = result.stderr.splitlines()
    assert first.startswith("bad.png: ")
    assert message is None or message in first
    assert last == ".: '.' is a directory, not a file"


# ── over the wire ────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("provider", ["openai", "anthropic"])
def test_a_provider_on_the_wire(run: Run, desk: Path, monkeypatch: pytest.MonkeyPatch, provider: str) -> None:
    (desk / "pixel.png").write_bytes(PNG)
    with Loopback() as server:
        monkeypatch.setenv(f"{provider.upper()}_API_KEY", "a-key-for-this-machine")
        monkeypatch.setenv(f"{provider.upper()}_BASE_URL", getattr(server, f"{provider}_url"))
        server.reply({"name": "Jason", "age": 20})
        models = {"openai": "openai/gpt-4o-mini", "anthropic": "anthropic/claude-haiku-4-5"}
        result = run("extract", "pixel.png", "--into", "models.py:Person", "--model", models[provider])
        assert (result.stderr, result.exit_code) == ("", 0)
        assert json.loads(result.stdout) == {"file": "pixel.png", "result": {"name": "Jason", "age": 20}}
        assert server.requests[0].json["model"] == models[provider].partition("/")[2]
        server.fail(401)
        result = run("extract", "pixel.png", "--into", "models.py:Person", "--model", models[provider])
    assert result.exit_code == 1
    assert result.stderr.startswith(f"pixel.png: {provider} [401]: ")
    assert "a-key-for-this-machine" not in result.output


def test_addresses_are_fetched_where_allowed(run: Run, desk: Path) -> None:
    with Loopback() as server:
        told = server.files("/people/jason", b"Name: Jason\nAge: 20\n", "text/plain")
        named = server.files("/people/sarah.txt", b"Name: Sarah\nAge: 31\n", "text/plain")
        into = ("--into", "models.py:Person")
        blocked = run("extract", told, *into)
        allowed = run("extract", told, named, *into, "--allow-private-hosts", "--csv")
    assert blocked.exit_code == 1
    assert "private" in blocked.stderr
    assert allowed.stdout == f"file,name,age\n{told},Jason,20\n{named},Sarah,31\n"
    assert allowed.exit_code == 0
