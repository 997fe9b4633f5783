"""The one error of the readers, and the one door to the heavy libraries.

    need("cv2")   ── there ──→ the module
                  ── absent ─→ MissingExtra, naming the package and the extra to install

Libraries' own exceptions never leave a reader: each is turned into `Unreadable` with a sentence.
"""

from __future__ import annotations

from importlib import import_module
from types import ModuleType

from ...errors import MissingExtra, UnreadableMedia

PACKAGES = {
    "cv2": "opencv-python-headless",
    "PIL.Image": "pillow",
    "PIL.ImageOps": "pillow",
    "zxingcpp": "zxing-cpp",
    "pypdfium2.raw": "pypdfium2",
}
"""Modules whose package has another name than the module."""


class Unreadable(UnreadableMedia):
    """A medium that the embedded reader cannot read; the message says why and what to do."""


def need(module: str) -> ModuleType:
    """The heavy library `module`, imported on first use."""
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        raise MissingExtra(PACKAGES.get(module, module), "embedded", "read media without a model") from error
