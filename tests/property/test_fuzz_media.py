"""10,000 files with something wrong in them, through sniffing and fitting: only our own errors about media come out, in
bounded time and memory, and no native library ends the process. See `tests.fuzzing`."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from instructor import errors

ROOT = Path(__file__).resolve().parents[2]

COUNTS = {"pictures": 4000, "papers": 1000, "sounds": 2500, "films": 1000, "documents": 1500}

OURS = {name for name, kind in vars(errors).items() if isinstance(kind, type) and issubclass(kind, errors.MediaError)}


def test_there_are_enough() -> None:
    assert sum(COUNTS.values()) == 10_000


@pytest.mark.skipif(sys.platform == "win32", reason="memory is measured as Linux and macOS tell it")
@pytest.mark.parametrize("group", COUNTS)
def test_what_is_wrong_comes_out_as_a_typed_error(group: str) -> None:
    command = [sys.executable, "-W", "error", "-m", "tests.fuzzing", group, str(COUNTS[group])]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    told = json.loads(done.stdout.splitlines()[-1])
    assert sum(told["came"].values()) == COUNTS[group]
    assert set(told["came"]) <= OURS | {"sent"}
    assert told["came"]["sent"] > COUNTS[group] / 20, "hardly any is so little wrong that it passes"
    assert told["came"]["UnreadableMedia"] > COUNTS[group] / 20
    assert told["slowest"] < 10, told
    assert told["grown"] < 800_000_000, told
