"""Make `.venv` ready for a set of the lock, once.

    python scripts/environment.py demo      the package with the embedded reader and the command line
    python scripts/environment.py dev       everything: SDKs, tests, linters, type checkers
    python scripts/environment.py docs      the site builder

Needs Python ≥ 3.11 with `venv` and `pip`, nothing else. A set that is in place leaves a stamp named after the content
of its lock and of `pyproject.toml`, so a second run only looks at the stamp, and any change of either installs anew.
An environment that is already there is kept and added to; one whose interpreter no longer starts is made afresh.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HOME = ROOT / ".venv"
PYTHON = HOME / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
NEEDS = (3, 11)

COVERS = {"demo": ("demo",), "dev": ("dev", "demo"), "docs": ("docs",)}
"""Set → the sets that are in place once it is: `dev` holds all of `demo`, at the same versions."""

EXTRAS = {"demo": "embedded,cli", "dev": "all", "docs": None}
"""Set → the extras the package is installed with; None where the package itself is not needed."""


def stamp(name: str) -> Path:
    """The file whose presence says that this set, exactly as it is written down now, is in place."""
    digest = hashlib.sha256(str(ROOT).encode())  # a moved checkout has to be installed anew
    for source in (ROOT / "requirements" / f"{name}.txt", ROOT / "pyproject.toml"):
        digest.update(source.read_bytes().replace(b"\r\n", b"\n"))
    return HOME / f".{name}-{digest.hexdigest()[:16]}"


def starts() -> bool:
    """Whether the environment's interpreter runs and is new enough."""
    question = f"import sys; sys.exit(sys.version_info < {NEEDS})"
    try:
        return subprocess.run([PYTHON, "-c", question], check=False).returncode == 0
    except OSError:
        return False


def pip(*arguments: str) -> None:
    """Run the environment's pip; it speaks only of errors."""
    command = [str(PYTHON), "-m", "pip", "--disable-pip-version-check", "-qq", *arguments]
    if (done := subprocess.run(command, cwd=ROOT, check=False)).returncode:
        sys.exit(f"setting up .venv failed (pip ended with {done.returncode}); see above")


def has_pip() -> bool:
    """Whether the environment has pip (some tools make environments without)."""
    return subprocess.run([PYTHON, "-m", "pip", "--version"], capture_output=True, check=False).returncode == 0


def install(name: str) -> None:
    """Bring the environment to this set."""
    if not starts():
        print("setting up .venv", flush=True)
        venv.create(HOME, clear=HOME.exists(), with_pip=True, symlinks=os.name != "nt")
    if not has_pip():
        subprocess.run([PYTHON, "-m", "ensurepip", "--upgrade"], check=True)
    print(f"installing requirements/{name}.txt into .venv (once, about a minute) …", flush=True)
    pip("install", "--require-hashes", "--requirement", f"requirements/{name}.txt")
    if (extras := EXTRAS[name]) is not None:
        pip("install", "--no-deps", "--no-build-isolation", "--editable", f".[{extras}]")


def main() -> None:
    """Install what is not there yet."""
    if sys.version_info < NEEDS:
        found = ".".join(map(str, sys.version_info[:3]))
        sys.exit(f"Python ≥ 3.11 is needed, this is {found}: name one with `make PYTHON=python3.12 …`")
    if len(sys.argv) != 2 or sys.argv[1] not in COVERS:
        sys.exit(f"usage: environment.py {'|'.join(COVERS)}")
    name = sys.argv[1]
    if stamp(name).exists() and starts():
        return
    install(name)
    for covered in COVERS[name]:
        for old in HOME.glob(f".{covered}-*"):
            old.unlink()
        stamp(covered).touch()


if __name__ == "__main__":
    main()
