"""Read and run the Python blocks of a Markdown page.

A page is one program: its blocks run in order in one module. In a block, lines that begin with `#> ` are what the block
prints, all of it, line by line:

    print(person)
    #> name='Jason' age=20

A block without such lines may print what it likes. A block after `<!-- no-run: reason -->` is compiled, not run; the
reason is not optional.
"""

from __future__ import annotations

import contextlib
import io
import re
import sys
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

FENCE = re.compile(r"^(?P<indent>\s*)(?P<ticks>`{3,}|~{3,})\s*(?P<info>[^`]*)$")
NO_RUN = re.compile(r"^\s*<!--\s*no-run(?P<reason>.*?)-->\s*$")
LANGUAGES = frozenset({"python", "py", "python3"})


class WrongOutput(AssertionError):
    """A block printed something else than the page says."""


@dataclass(frozen=True, slots=True)
class Block:
    """One Python block: its code, the page's line it begins on, and why it is not run (None: it is)."""

    code: str
    line: int
    no_run: str | None = None

    @property
    def output(self) -> list[str]:
        """What the page says the block prints."""
        stripped = (line.strip() for line in self.code.splitlines())
        return [line[2:].removeprefix(" ") for line in stripped if line == "#>" or line.startswith("#> ")]


def language(info: str) -> str:
    """The language a fence names: `python title="x"` and `{.python}` are Python."""
    words = info.strip().strip("{}").split()
    return words[0].lstrip(".").lower() if words else ""


def blocks(text: str) -> Iterator[Block]:
    """The Python blocks of a page, in order; fences of other languages are skipped whole."""
    lines = text.splitlines()
    number, reason = 0, None
    while number < len(lines):
        line = lines[number]
        number += 1
        if (fence := FENCE.match(line)) is None:
            if (marked := NO_RUN.match(line)) is not None:
                reason = marked["reason"].strip().removeprefix(":").strip()
            elif line.strip():
                reason = None
            continue
        start, closing = number, re.compile(rf"^\s*{re.escape(fence['ticks'])}+\s*$")
        while number < len(lines) and not closing.match(lines[number]):
            number += 1
        if language(fence["info"]) in LANGUAGES:
            yield Block(textwrap.dedent("\n".join(lines[start:number])), start + 1, reason)
        number, reason = number + 1, None


def run(page: Path, text: str, module: str = "page") -> None:
    """Run a page's blocks in order; raise what a block raises, or `WrongOutput`."""
    namespace = ModuleType(module)
    namespace.__dict__["__file__"] = str(page)
    before = sys.modules.get(module)
    sys.modules[module] = namespace  # pydantic looks annotations up in the module by its name
    try:
        for block in blocks(text):
            _run_block(page, block, namespace)
    finally:
        if before is None:
            del sys.modules[module]
        else:
            sys.modules[module] = before


def _run_block(page: Path, block: Block, namespace: ModuleType) -> None:
    if block.no_run == "":
        raise WrongOutput(f"{page}:{block.line}: say why: <!-- no-run: reason -->")
    code = compile("\n" * (block.line - 1) + block.code, str(page), "exec")  # tracebacks show the page's line
    if block.no_run is not None:
        return
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(code, namespace.__dict__)
    told, real = block.output, [line.rstrip() for line in printed.getvalue().splitlines()]
    if told and told != real:
        said, was = ("\n    ".join(lines) or "(nothing)" for lines in (told, real))
        raise WrongOutput(f"{page}:{block.line}: the page says\n    {said}\nbut the block prints\n    {was}")
