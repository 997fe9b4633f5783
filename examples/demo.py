"""The main job, with no key and no network: a receipt from a picture, an invoice from a PDF, as typed objects.

Run it with `make demo`, or `python examples/demo.py` where the package is installed with its `embedded` and `cli`
extras. With an API key, `python examples/demo.py openai/gpt-4o-mini` asks a language model instead.
"""

from __future__ import annotations

import sys
from pathlib import Path

from models import Invoice, Receipt
from rich.console import Console
from rich.pretty import Pretty

import instructor

HERE = Path(__file__).parent


def main(provider: str = "embedded", console: Console | None = None) -> None:
    """Print what the provider reads from the two files."""
    console = console or Console()
    with instructor.from_provider(provider) as client:
        receipt = client.create(Receipt, ["Read the receipt.", instructor.Image.from_path(HERE / "receipt.png")])
        invoice = client.create(Invoice, ["Read the invoice.", instructor.PDF.from_path(HERE / "invoice.pdf")])
    for name, value in (("receipt.png", receipt), ("invoice.pdf", invoice)):
        console.print(f"[bold]{name}[/bold] → {type(value).__name__}")
        console.print(Pretty(value))
        console.print()


if __name__ == "__main__":
    main(*sys.argv[1:2])
