"""Run the demo and keep what it prints as a picture: docs/demo.svg, which the README shows."""

from __future__ import annotations

import io
import re
import sys
from pathlib import Path

from rich.console import Console

ROOT = Path(__file__).resolve().parents[1]
WIDTH = 130


def main() -> None:
    sys.path.insert(0, str(ROOT / "examples"))
    import demo

    console = Console(record=True, width=WIDTH, file=io.StringIO(), force_terminal=True)
    console.print("[bold green]$[/] make demo\n")
    demo.main(console=console)
    # without web fonts: the picture asks nothing of the network
    svg = re.sub(r"@font-face \{.*?\}\n", "", console.export_svg(title="make demo", unique_id="demo"), flags=re.DOTALL)
    (ROOT / "docs/demo.svg").write_text(svg.rstrip() + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
