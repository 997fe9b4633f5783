"""The command `instructor`: extract, inspect, providers.

    main ─▶ app          options and exit codes
             ├─ extract ─▶ targets    --into → a response model
             │           ├ sources    FILE … → media
             │           ├ plan       what would be sent
             │           └ formats    results → JSON, JSON lines, CSV
             ├─ inspect ─▶ sources, measure
             └─ providers
            terminal     what all of them print with

Nothing here is loaded with the package, and nothing of `typer` and `rich` before `main` runs.
"""

from __future__ import annotations

import contextlib
import io
import sys
from collections.abc import Sequence

__all__ = ["main"]

PACKAGES = frozenset({"typer", "rich"})
"""What the extra `cli` installs."""


def main(args: Sequence[str] | None = None) -> int:
    """Run the command with these arguments, by default those of the process, and give its exit status.

    0: all went well; 1: a file failed; 2: the command was not understood, or cannot be run as asked; 130: interrupted.
    """
    try:
        from .app import app
    except ModuleNotFoundError as error:
        package = (error.name or "").partition(".")[0]
        if package not in PACKAGES:
            raise
        print(
            f'the command needs {package}, which is not installed: pip install "instructor-multimodal[cli]"',
            file=sys.stderr,
        )
        return 2
    _speak_utf8()
    try:
        app(args=None if args is None else list(args), prog_name="instructor")
    except KeyboardInterrupt:
        return 130
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    return 0


def _speak_utf8() -> None:
    """Files and pipes get UTF-8 wherever we run; a terminal keeps its encoding, and no character is an error."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            with contextlib.suppress(OSError, ValueError):
                encoding = stream.encoding if stream.isatty() else "utf-8"
                stream.reconfigure(encoding=encoding, errors="backslashreplace")
