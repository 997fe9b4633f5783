"""SVG drawings as pixels, by resvg: nothing is fetched, and no file but a font is opened.

A drawing is a program of a kind: nested deeply enough it overflows the renderer's stack, and a filter can take for ever.
The renderer therefore runs in a process of its own, whose end, whatever it is, is an answer.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from ..errors import UnreadableMedia
from ..media import Image
from ._need import need
from .headers import Header, Malformed
from .headers.svg import safe

SIDE = 1568
"""Pixels of the longer side where the drawing asks for fewer: small ones are drawn larger, so that print in them
can be read, and this is as much as most models look at."""
MAX_SIDE = 4096
"""Pixels of the longer side, whatever the drawing asks for."""
SECONDS = 20

RENDER = """
import sys
sys.path.insert(0, sys.argv[1])
import resvg_py
markup = sys.stdin.buffer.read().decode("utf-8")
width, height = int(sys.argv[2]), int(sys.argv[3])
drawn = resvg_py.svg_to_bytes(svg_string=markup, width=width, height=height, background="white")
sys.stdout.buffer.write(bytes(drawn))
"""


def draw(image: Image, header: Header, within: Callable[[tuple[int, int], int], tuple[int, int]]) -> bytes:
    """A PNG of the drawing, on white, of the size that `within` makes of the wished one and a longest side.

    Raises:
        UnreadableMedia: the document cannot be drawn, or not within `SECONDS`.
        MissingExtra: the renderer is not installed.
    """
    library = Path(need("resvg_py").__file__ or "").parent.parent
    scale = max(SIDE / max(header.shown), 1.0)
    wished = max(round(header.width * scale), 1), max(round(header.height * scale), 1)
    width, height = within(wished, MAX_SIDE)
    try:
        markup = safe(image.read())
        command = [sys.executable, "-I", "-S", "-c", RENDER, str(library), str(width), str(height)]
        done = subprocess.run(command, input=markup.encode(), capture_output=True, timeout=SECONDS, check=False)
    except Malformed as error:
        raise UnreadableMedia(f"{image!r} is damaged: {error}") from None
    except RecursionError:
        raise UnreadableMedia(f"{image!r} cannot be drawn: it is nested too deeply") from None
    except subprocess.TimeoutExpired:
        raise UnreadableMedia(f"{image!r} cannot be drawn within {SECONDS} seconds") from None
    except OSError as error:
        raise UnreadableMedia(f"{image!r} cannot be drawn: no process could be started for it ({error})") from error
    if done.returncode:
        last = done.stderr.decode("utf-8", "replace").strip().rpartition("\n")[2]
        raise UnreadableMedia(f"{image!r} cannot be drawn ({last[:120] or 'the renderer broke down'})")
    return done.stdout
