"""`docs/cli.md` says what is so: its commands run here, and print what follows them."""

from __future__ import annotations

import io
import re
import shlex
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from instructor.cli import main
from instructor.testing import Loopback

ROOT = Path(__file__).resolve().parents[3]
PAGE = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"^```(?P<info>[^\n]*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Example:
    """A command, and how the page says its output begins ("" where it says nothing)."""

    command: str
    output: str


def examples() -> Iterator[Example]:
    """Each ```bash block holds one command; a block of another kind right after it is its output."""
    found = list(BLOCK.finditer(PAGE))
    for here, after in zip(found, [*found[1:], None], strict=True):
        if here["info"] != "bash":
            continue
        follows = (
            after is not None and not PAGE[here.end() : after.start()].strip() and after["info"] in ("json", "text")
        )
        yield Example(here["text"].strip(), after["text"] if after and follows else "")


@pytest.fixture
def shop(desk: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The samples, the page's own models, and OpenAI on this machine."""
    for name in ("receipt.png", "invoice.pdf", "badge.png"):
        shutil.copy(ROOT / "examples" / name, desk)
    models = next(match["text"] for match in BLOCK.finditer(PAGE) if 'title="shop.py"' in match["info"])
    (desk / "shop.py").write_text(models, encoding="utf-8")
    with Loopback() as server:
        monkeypatch.setenv("OPENAI_API_KEY", "a-key-for-this-machine")
        monkeypatch.setenv("OPENAI_BASE_URL", server.openai_url)
        yield desk


def perform(command: str, monkeypatch: pytest.MonkeyPatch) -> int:
    """Run `[cat FILE |] instructor …` as a shell would."""
    piped = re.fullmatch(r"cat (\S+) \| (.+)", command)
    if piped:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(Path(piped[1]).read_bytes())))
    program, *args = shlex.split(piped[2] if piped else command)
    assert program == "instructor"
    return main(args)


@pytest.mark.parametrize("example", list(examples()), ids=lambda example: example.command[:60])
def test_example(
    example: Example, shop: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    status = perform(example.command, monkeypatch)
    printed = capsys.readouterr()
    if "sales.csv" in example.command:
        assert printed.err.startswith("badge.png: embedded (reader) gave no valid Sale in 3 attempts:\n")
        assert (shop / "sales.csv").read_text(encoding="utf-8").startswith("file,store,date,total\nreceipt.png,")
        assert status == 1
    else:
        assert (status, printed.err) == (0, "")
    assert " ".join(printed.out.split()).startswith(
        " ".join(example.output.split())
    )  # lines break as the terminal has it


def test_the_page_has_examples_with_output() -> None:
    assert sum(bool(example.output) for example in examples()) >= 5


@pytest.mark.parametrize("into", re.findall(r"^\| `'?(shop\.py:[^`]+?)'?` ", PAGE, re.MULTILINE))
def test_the_table_of_types(into: str, shop: Path) -> None:
    from instructor.cli.targets import resolve

    assert resolve(into.replace("\\|", "|")) is not None
