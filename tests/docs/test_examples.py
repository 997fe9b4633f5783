"""Every Python block of the README and of `docs/` runs, against a loopback server, and prints what it says."""

from __future__ import annotations

import importlib
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs import pages

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where a page runs: a fresh folder with the examples in it, and the providers' addresses on this machine."""
    if (ROOT / "examples").is_dir():
        shutil.copytree(ROOT / "examples", tmp_path / "examples")
        shutil.copytree(ROOT / "examples", tmp_path, dirs_exist_ok=True)
    shutil.copytree(ROOT / "tests/data/engine", tmp_path / "models")
    monkeypatch.chdir(tmp_path)
    loopback = importlib.import_module("instructor.testing.loopback")
    with loopback.Loopback() as server:
        for provider in ("openai", "anthropic"):
            monkeypatch.setenv(f"{provider.upper()}_BASE_URL", getattr(server, f"{provider}_url"))
            monkeypatch.setenv(f"{provider.upper()}_API_KEY", "a-key-for-this-machine")
        yield tmp_path


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_page(page: Path, request: pytest.FixtureRequest) -> None:
    text = page.read_text(encoding="utf-8")
    if any(block.no_run is None for block in pages.blocks(text)):
        request.getfixturevalue("desk")
    pages.run(page, text)


RIGHT = """
Some prose.

```python
from pydantic import BaseModel

class Person(BaseModel):
    name: str
    friend: "Person | None" = None
```

- in a list

    ```python title="more.py"
    print(Person(name="Ann"))
    #> name='Ann' friend=None
    ```

````markdown
```python
raise SystemError("inside a fence of another language")
```
````

<!-- no-run: needs a key -->

```python
raise SystemError("compiled only")
```
"""


def test_blocks_share_one_module_and_are_found_anywhere() -> None:
    pages.run(Path("page.md"), RIGHT)
    assert [block.line for block in pages.blocks(RIGHT)] == [5, 15, 28]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("```python\nprint(1)\n#> 2\n```", "the page says"),
        ("```python\nprint(1)\nprint(2)\n#> 1\n```", "but the block prints"),
        ("```python\n#> 1\n```", "(nothing)"),
        ("<!-- no-run -->\n```python\nx = 1\n```", "say why"),
    ],
    ids=["other", "more", "less", "no-reason"],
)
def test_wrong_pages_are_refused(text: str, message: str) -> None:
    with pytest.raises(pages.WrongOutput) as caught:
        pages.run(Path("page.md"), text)
    assert message in str(caught.value)


def test_blocks_that_are_not_run_are_compiled() -> None:
    with pytest.raises(SyntaxError):
        pages.run(Path("page.md"), "<!-- no-run: broken -->\n```python\nif :\n```")


def test_a_reason_belongs_to_the_next_block_only() -> None:
    text = "<!-- no-run: x -->\nprose\n```python\nraise KeyError\n```"
    with pytest.raises(KeyError):
        pages.run(Path("page.md"), text)
