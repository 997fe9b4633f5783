"""The one door to the heavy libraries.

need("PIL.Image")   ── there ──→ the module
                    ── absent ─→ MissingExtra, naming the package and the extra to install
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

from ..errors import MissingExtra

PACKAGES: dict[str, tuple[str, str, str]] = {
    "PIL": ("pillow", "fit", "change pictures"),
    "pypdfium2": ("pypdfium2", "fit", "open PDF documents"),
    "av": ("av", "fit", "change recordings and films"),
    "numpy": ("numpy", "fit", "change recordings and films"),
    "pillow_heif": ("pillow-heif", "heic", "read HEIC pictures"),
    "kreuzberg": ("kreuzberg", "office", "read documents of office programs"),
    "resvg_py": ("resvg-py", "svg", "draw SVG pictures"),
}
"""Top-level module → its package, our extra, what it is for."""


def need(module: str) -> Any:
    """The heavy library `module`, imported on first use.

    Raises:
        MissingExtra: it is not installed.
    """
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        package, extra, purpose = PACKAGES[module.partition(".")[0]]
        raise MissingExtra(package, extra, purpose) from error
