"""Where words go: results to standard output, everything else to standard error."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

import typer
from rich.console import Console
from rich.text import Text

from ..errors import ConfigurationError, InstructorError, RequestError, ResponseModelError

USAGE: tuple[type[InstructorError], ...] = (ConfigurationError, ResponseModelError)
"""Errors of the command as a whole, exit status 2; any other is 1."""


def out() -> Console:
    """Standard output, for people."""
    return Console(soft_wrap=False)


def err() -> Console:
    """Standard error."""
    return Console(stderr=True)


def attended(stream: IO[str]) -> bool:
    """Whether somebody watches: what FORCE_COLOR and its like say about colours does not matter here."""
    return stream.isatty()


def write(text: str) -> None:
    """Results, as they are."""
    sys.stdout.write(text)
    sys.stdout.flush()


def printable(text: str) -> str:
    """Text from elsewhere without characters that steer a terminal; line breaks and tabs stay."""
    return "".join(letter if letter.isprintable() or letter in "\n\t" else ascii(letter)[1:-1] for letter in text)


def say(console: Console, head: str, message: str) -> None:
    """`head: message`, further lines indented; never wrapped."""
    body = printable(message).replace("\n", "\n  ")
    text = Text.assemble((f"{printable(head)}:", "red"), f" {body}")
    console.print(text, soft_wrap=True, highlight=False)


def message_of(error: Exception, label: str = "") -> str:
    """What went wrong with the file `label`, in words. An exception that is not ours is a fault: its class is named."""
    if isinstance(error, RequestError):
        return error.problem.removeprefix(f"{label!r}: ")
    if isinstance(error, InstructorError):
        return str(error)
    return f"{type(error).__name__}: {error} (--debug shows where)"


@contextmanager
def reported(debug: bool) -> Iterator[None]:
    """Turn an error of the house into one message and an exit status."""
    try:
        yield
    except InstructorError as error:
        if debug:
            raise
        say(err(), "error", str(error))
        raise typer.Exit(2 if isinstance(error, USAGE) else 1) from None
