"""The embedded provider's engine: read every medium of the request, fill the schema from what was read.

answer(request) ─ read each medium (kept by content, so that a retry reads nothing again) ─▶ Reading …
                ├─ schema: fill(schema, readings) ─▶ JSON
                └─ none: the text that was read
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

from ...errors import UnreadableMedia
from ...media import Media
from .reading import Reading

MAX_KEPT = 32
"""Readings kept for later requests with the same media."""

_kept: OrderedDict[tuple[str, str], Reading] = OrderedDict()
_lock = threading.Lock()


def answer(request: Mapping[str, Any]) -> dict[str, Any]:
    """The answer to a request in the form of `dialect`.

    Raises:
        UnreadableMedia: a medium is damaged, locked, or of a form that this reader does not know.
    """
    readings: list[Reading] = []
    words: list[str] = []
    for i, message in enumerate(request["messages"]):
        for j, part in enumerate(message["parts"]):
            if "medium" in part:
                readings.append(_read(part["medium"], f"messages[{i}].content[{j}]"))
            elif message["role"] == "user" and not request["round"]:
                words.append(part["text"])
            elif message["role"] == "user" and i < len(request["messages"]) - 1:
                words.append(part["text"])
    prompt = "\n".join(words)
    if not readings:
        readings = [_of_text(prompt)]
    unread = [sentence for reading in readings for sentence in reading.unread]
    if request["schema"] is None:
        return {"text": "\n\n".join(reading.text for reading in readings), "missing": [], "unread": unread}
    from .filling import fill

    filled = fill(request["schema"], readings, prompt=prompt, round=request["round"])
    text = json.dumps(filled.value, ensure_ascii=False, default=str)
    return {"text": text, "missing": list(filled.missing), "unread": unread}


def _of_text(text: str) -> Reading:
    from .read import read

    return read(text.encode("utf-8", "replace"), "text/plain")


def _read(medium: Media, where: str) -> Reading:
    from .read import Unreadable, read

    data = medium.read()
    key = (hashlib.sha256(data).hexdigest(), medium.media_type or "")
    with _lock:
        if key in _kept:
            _kept.move_to_end(key)
            return _kept[key]
    try:
        reading = read(data, medium.media_type or "", name=medium.name)
    except Unreadable as error:
        raise UnreadableMedia(f"{medium!r}: {error}", where=where) from error
    with _lock:
        _kept[key] = reading
        while len(_kept) > MAX_KEPT:
            _kept.popitem(last=False)
    return reading
