"""The command as a process: `main`, `python -m instructor`, exit statuses."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import pytest

from instructor import __version__
from instructor.cli import main
from instructor.testing import Loopback


def spawned(*args: str, code: str | None = None, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-W", "error", *(("-c", code) if code else ("-m", "instructor")), *args]
    return subprocess.run(
        command, capture_output=True, encoding="utf-8", env={**os.environ, **environment}, check=False, timeout=120
    )


def test_version_and_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"instructor-multimodal {__version__}\n"
    for command in ([], ["extract"], ["inspect"], ["providers"]):
        assert main([*command, "--help"]) == 0
        assert "Usage" in capsys.readouterr().out
    assert main([]) == 2
    assert main(["extrct"]) == 2


def test_a_process(desk: Path) -> None:
    (desk / "ä.txt").write_text("Name: Jürgen\nAge: 20\n", encoding="utf-8")
    done = spawned("extract", "ä.txt", "absent.txt", "--into", "models.py:Person", PYTHONIOENCODING="latin-1")
    assert done.stdout == '{"file": "ä.txt", "result": {"name": "Jürgen", "age": 20}}\n'
    assert done.stderr == "absent.txt: No such file or directory\n"
    assert done.returncode == 1


def test_debug_shows_the_traceback(desk: Path) -> None:
    done = spawned("extract", "absent.txt", "--into", "models.py:Person", "--debug")
    assert done.returncode == 1
    assert "Traceback" in done.stderr
    assert "MediaNotFound" in done.stderr


@pytest.mark.parametrize("package", ["typer", "rich"])
def test_without_its_extra_the_command_says_what_to_install(desk: Path, package: str) -> None:
    code = f"import sys; sys.modules[{package!r}] = None; from instructor.cli import main; sys.exit(main(['--help']))"
    done = spawned(code=code)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        f'the command needs {package}, which is not installed: pip install "instructor-multimodal[cli]"\n'
    )


def test_importing_the_command_loads_nothing_of_it() -> None:
    code = "import sys, instructor.cli; print(sorted({'typer', 'rich', 'asyncio'} & set(sys.modules)))"
    assert spawned(code=code).stdout == "[]\n"


@pytest.mark.skipif(os.name == "nt", reason="signals are another thing there")
def test_an_interrupt_ends_it_at_once(desk: Path) -> None:
    (desk / "a.txt").write_text("hello")
    with Loopback() as server:
        server.delay(30).reply({"name": "late", "age": 1})
        environment = {**os.environ, "OPENAI_API_KEY": "x", "OPENAI_BASE_URL": server.openai_url}
        command = [sys.executable, "-m", "instructor", "extract", "a.txt", "--into", "models.py:Person"]
        process = subprocess.Popen(
            [*command, "--model", "openai/gpt-4o-mini"],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            preexec_fn=partial(signal.signal, signal.SIGINT, signal.SIG_DFL),  # what runs in the background ignores it
        )
        try:
            until = time.monotonic() + 60
            while not server.requests and time.monotonic() < until:
                time.sleep(0.05)
            process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=15)
        finally:
            process.kill()
            process.communicate()
    assert (process.returncode, out) == (130, "")
    assert "Traceback" not in err


@pytest.mark.skipif(os.name == "nt", reason="pipes break otherwise there")
def test_a_reader_that_goes_away_is_no_error(desk: Path) -> None:
    command = f"{sys.executable} -m instructor providers --json | {sys.executable} -c 'pass'"
    done = subprocess.run(["sh", "-c", command], capture_output=True, encoding="utf-8", check=False, timeout=60)
    assert "Traceback" not in done.stderr


def test_lines_come_as_files_are_through(desk: Path) -> None:
    (desk / "a.txt").write_text("Name: Jason\nAge: 20\n")
    done = spawned("extract", "a.txt", "a.txt", "--into", "models.py:Person", "--jsonl")
    assert [json.loads(line)["result"]["name"] for line in done.stdout.splitlines()] == ["Jason", "Jason"]
