"""Processes that are measured: what they find around them, and how they are spoken with."""

from __future__ import annotations

import json
import os
import select
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, Self

from .environments import ROOT

PATIENCE = 300.0
"""Seconds: a process that says nothing for so long is ended."""


class Failed(Exception):
    """A measured process ended, was silent for too long, or said that it could not."""


QUIET = {"LITELLM_LOCAL_MODEL_COST_MAP": "True"}
"""Nobody asks the network for anything while it is measured: LiteLLM would fetch its list of prices at import."""


def clean_environment() -> dict[str, str]:
    """The environment variables of measured processes: nothing that changes what a library does."""
    told = ("openai_", "anthropic_", "instructor_", "pythonpath")
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.lower().startswith(told) and not name.lower().endswith("_proxy")
    }
    return {**kept, **QUIET, "PYTHONHASHSEED": "0", "PYTHONDONTWRITEBYTECODE": ""}


class Lines:
    """A process that answers lines with lines, one with one."""

    def __init__(self, command: Sequence[str]) -> None:
        self._command = command
        self._begin()

    def _begin(self) -> None:
        self._process = subprocess.Popen(
            self._command,
            cwd=ROOT,
            env=clean_environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            start_new_session=True,  # who is interrupted is who measures
        )

    def read(self) -> str:
        """The next line it prints."""
        assert self._process.stdout is not None
        if not select.select([self._process.stdout], [], [], PATIENCE)[0]:
            self._process.kill()
            raise Failed(f"a measured process said nothing for {PATIENCE:.0f} s")
        if not (line := self._process.stdout.readline()):
            raise Failed(f"a measured process ended with {self._process.wait()}; see what it printed")
        return line

    def write(self, line: str) -> None:
        """Say a line to it."""
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(line + "\n")
            self._process.stdin.flush()
        except OSError as error:
            raise Failed(f"a measured process has ended ({self._process.wait()})") from error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        for stream in (self._process.stdin, self._process.stdout):
            assert stream is not None
            with suppress(OSError):  # what was left to say to a process that has ended
                stream.close()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


class Worker(Lines):
    """A process in which a library works: see `worker`."""

    def ask(self, name: str, told: object = None) -> Any:
        """Have it do something. What is prepared is prepared in a new process, if the old one has ended."""
        if name == "prepare" and self._process.poll() is not None:
            super().__exit__()
            self._begin()
        self.write(json.dumps({name: told}))
        said = json.loads(self.read())
        if "failed" in said:
            raise Failed(said["failed"])
        return said
