"""Where outcomes go: failures to standard error, results to a stream in one of the formats.

Outcome = Done | Failed ─▶ Report.add ─▶ … ─▶ Report.end ─▶ exit status
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import field
from pathlib import Path
from typing import Any, TextIO

from rich.console import Console
from rich.markup import escape
from rich.pretty import Pretty
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from ..errors import ConfigurationError
from ..values import dataclass
from . import terminal
from .formats import Format, plain, text
from .sources import Source


@dataclass(frozen=True, slots=True)
class Done:
    """A file's result."""

    label: str
    value: Any


@dataclass(frozen=True, slots=True)
class Failed:
    """A file that gave none."""

    label: str
    error: Exception


Outcome = Done | Failed


def pretty(done: Done, console: Console) -> None:
    """One result, for people."""
    heading = escape(terminal.printable(done.label))
    console.print(f"[bold]{heading}[/bold] → {escape(type(done.value).__name__)}", highlight=False)
    console.print(Pretty(done.value, expand_all=True))
    console.print()


def tree(done: Done, console: Console) -> None:
    """One result that is JSON already, for people."""
    console.print(f"[bold]{escape(terminal.printable(done.label))}[/bold]", highlight=False)
    console.print_json(data=done.value, ensure_ascii=False)
    console.print()


@dataclass(slots=True)
class Report:
    """Takes outcomes one by one; writes at once what can be written at once, and the rest at the end.

    `single`: only one file was asked for. `show`: how a result is shown to people. With `debug` the first failure
    is raised.
    """

    format: Format
    single: bool
    stream: TextIO
    errors: Console
    show: Callable[[Done, Console], None] = pretty
    debug: bool = False
    done: list[Done] = field(default_factory=list)
    failed: int = 0

    @property
    def at_once(self) -> bool:
        """Whether lines go out as they come: not under the progress bar of a terminal."""
        return self.format is Format.JSONL and not terminal.attended(self.stream)

    def add(self, outcome: Outcome) -> None:
        """One more file is through."""
        if isinstance(outcome, Failed):
            if self.debug:
                raise outcome.error
            self.failed += 1
            terminal.say(self.errors, outcome.label, terminal.message_of(outcome.error, outcome.label))
        elif self.at_once:
            self.stream.write(text(self.format, [(outcome.label, plain(outcome.value))], single=self.single))
            self.stream.flush()
        else:
            self.done.append(outcome)

    def end(self) -> int:
        """Write the rest. The exit status."""
        if self.format is Format.PRETTY:
            console = Console(file=self.stream)
            for each in self.done:
                self.show(each, console)
        elif not self.at_once:
            rows = [(each.label, plain(each.value)) for each in self.done]
            self.stream.write(text(self.format, rows, single=self.single))
        self.stream.flush()
        return int(self.failed > 0)


@contextmanager
def opened(output: Path | None, sources: Sequence[Source] = ()) -> Iterator[TextIO]:
    """The stream that results go to.

    Raises:
        ConfigurationError: the file cannot be written, or is one of those to be read.
    """
    if output is None:
        yield sys.stdout
        return
    if any(_same(source, output) for source in sources):
        raise ConfigurationError(f"--output {str(output)!r} is one of the files to read")
    try:
        stream = output.open("w", encoding="utf-8", newline="\n")
    except OSError as error:
        raise ConfigurationError(f"--output {str(output)!r} cannot be written: {error.strerror}") from error
    with stream:
        yield stream


def _same(source: Source, output: Path) -> bool:
    try:
        return isinstance(source.place, str) and os.path.samefile(source.place, output)
    except (OSError, ValueError):
        return False


@contextmanager
def progress(count: int, errors: Console) -> Iterator[Callable[[], None]]:
    """A bar on standard error where that is a terminal; what to call when a file is through."""
    columns = (SpinnerColumn(), TextColumn("reading"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=errors, transient=True, disable=not terminal.attended(errors.file)) as bar:
        task = bar.add_task("reading", total=count)
        yield lambda: bar.advance(task)
