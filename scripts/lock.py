"""Write the lock: `requirements/*.txt`, one universal file per set, each agreeing with the one before.

    dev    everything: the SDKs, the tests, the linters, the type checkers
    demo   the package with the embedded reader and the command line
    docs   the site builder

Run by `make lock`; arguments go to the resolver (`--upgrade`, `--upgrade-package NAME`). Needs `uv`, which the dev set
brings along. Files carry versions, markers and hashes, and no address: where packages come from is the reader's choice.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "requirements"

SETS: dict[str, list[str]] = {
    "dev": ["--extra", "all", "--group", "dev"],
    "demo": ["--extra", "embedded", "--extra", "cli", "--group", "build", "--constraints", "requirements/dev.txt"],
    "docs": ["--only-group", "docs"],
}
"""Set → what the resolver is asked for. Read in order: a later set may be constrained by an earlier one."""

ADDRESS = re.compile(r"https?://|file:|--(?:extra-)?index-url|--find-links|\+cpu|\s@\s")


def uv() -> str:
    """The resolver: next to this interpreter, or on the path."""
    beside = Path(sys.executable).with_name("uv")
    found = str(beside) if beside.exists() else shutil.which("uv")
    if found is None:
        sys.exit("uv is not here: run `make lock`, or `pip install uv`.")
    return found


def compile_set(name: str, asked: list[str], extra: list[str]) -> None:
    """Resolve one set and refuse a result that names an address."""
    target = FOLDER / f"{name}.txt"
    command = [uv(), "pip", "compile", "--quiet", "--universal", "--python-version", "3.11"]
    command += ["--generate-hashes", "--no-config", "--custom-compile-command", "make lock"]
    command += ["--no-emit-package", "instructor-multimodal"]
    if asked[0] == "--only-group":
        command += ["--group", asked[1], "--constraints", "requirements/dev.txt"]
    else:
        command += ["pyproject.toml", *asked]
    command += ["--output-file", str(target.relative_to(ROOT)), *extra]
    subprocess.run(command, cwd=ROOT, check=True)
    for number, line in enumerate(target.read_text().splitlines(), 1):
        if ADDRESS.search(line):
            sys.exit(f"{target}:{number}: a lock names no address: {line.strip()}")
    pins = sum(1 for line in target.read_text().splitlines() if re.match(r"[A-Za-z0-9]", line))
    print(f"{target.relative_to(ROOT)}: {pins} pins")


def main() -> None:
    """Compile every set."""
    FOLDER.mkdir(exist_ok=True)
    for name, asked in SETS.items():
        compile_set(name, asked, sys.argv[1:])


if __name__ == "__main__":
    main()
