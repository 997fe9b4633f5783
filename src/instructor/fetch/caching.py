"""What earlier exchanges brought, and when it may be used again: RFC 9111 for a cache of one client's own.

    Get ─▶ find ─ fresh ─▶ what was kept
             ├─ kept, stale ─▶ asking(its validators) ─▶ 304 ─▶ what was kept, fresh again
             └─ none ───────▶ as it is ───────────────▶ 200 ─▶ kept, if its headers allow that

What a server says is followed and nothing is guessed: without `max-age` or `Expires` a body is kept only if it has an
`ETag` or a `Last-Modified`, and its server is asked each time. The least recently used goes first.
"""

from __future__ import annotations

import re
import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import replace
from email.utils import parsedate_to_datetime

from ..effects import Get, Got
from ..values import dataclass

VALIDATORS = {"etag": "if-none-match", "last-modified": "if-modified-since"}
"""Header of an answer → the header that asks whether it still holds (RFC 9110 §13.1)."""

_DIRECTIVE = re.compile(r'([a-z-]+)(?:\s*=\s*(?:"([^"]*)"|([^\s,"]*)))?', re.ASCII)


@dataclass(frozen=True, slots=True)
class Kept:
    """What a URL brought, and the moment until which its server need not be asked."""

    got: Got
    until: float

    def asking(self, get: Get) -> Get:
        """The Get that asks whether this still holds."""
        said = {ask: self.got.headers[name] for name, ask in VALIDATORS.items() if self.got.headers.get(name)}
        return replace(get, headers={**get.headers, **said})


class Bodies:
    """Bodies by URL, `max_bytes` of them at most. May be used by several threads."""

    def __init__(self, max_bytes: int) -> None:
        self._max, self._held = max_bytes, 0
        self._rows: OrderedDict[str, Kept] = OrderedDict()
        self._lock = threading.Lock()

    def find(self, get: Get) -> Kept | None:
        """What an earlier Get of this URL brought."""
        if not get.keep:
            return None
        with self._lock:
            if kept := self._rows.get(get.url):
                self._rows.move_to_end(get.url)
            return kept

    def settled(self, get: Get, kept: Kept | None, got: Got, now: float) -> Got:
        """The answer to a Get, given what was kept and what has come; kept, or dropped, for the next one."""
        if kept is not None and got.status == 304:
            got = replace(kept.got, headers={**kept.got.headers, **_renewed(got.headers)})
        if get.keep:
            self._put(get.url, Kept(got, now + lifetime(got.headers)) if may_keep(got) else None)
        return got

    def _put(self, url: str, kept: Kept | None) -> None:
        with self._lock:
            if old := self._rows.pop(url, None):
                self._held -= len(old.got.body)
            if kept is None or len(kept.got.body) > self._max:
                return
            self._rows[url] = kept
            self._held += len(kept.got.body)
            while self._held > self._max:
                _, oldest = self._rows.popitem(last=False)
                self._held -= len(oldest.got.body)


def may_keep(got: Got) -> bool:
    """Whether an answer may be used again, at once or after its server was asked (RFC 9111 §3)."""
    said = directives(got.headers)
    # Every Get has the same headers, so what an answer varies by does not matter, unless that is everything.
    if got.status not in (200, 203) or "no-store" in said or "*" in got.headers.get("vary", ""):
        return False
    return lifetime(got.headers) > 0 or any(got.headers.get(name) for name in VALIDATORS)


def lifetime(headers: Mapping[str, str]) -> float:
    """Seconds for which an answer is fresh (RFC 9111 §4.2); 0 where it does not say, or not in a form to rely on."""
    said = directives(headers)
    if "no-cache" in said:
        return 0.0
    if "max-age" in said:
        seconds = _seconds(said["max-age"])
    else:
        seconds = _until(headers)
    return max(0.0, seconds - _seconds(headers.get("age", "0")))


def directives(headers: Mapping[str, str]) -> Mapping[str, str]:
    """The directives of `Cache-Control`; of two alike the first counts."""
    found = _DIRECTIVE.findall(headers.get("cache-control", "").lower())
    return {name: quoted or plain for name, quoted, plain in reversed(found)}


def _seconds(text: str) -> float:
    return float(text[:9]) if text.isascii() and text.isdigit() else 0.0


def _until(headers: Mapping[str, str]) -> float:
    try:
        start, end = (parsedate_to_datetime(headers[name]).timestamp() for name in ("date", "expires"))
        return end - start
    except (KeyError, ValueError, OverflowError):
        return 0.0


def _renewed(headers: Mapping[str, str]) -> dict[str, str]:
    """What a 304 brings up to date; not what it says of its own body, which is none (RFC 9111 §3.2)."""
    own = ("content-length", "content-encoding", "content-type", "content-range", "transfer-encoding")
    return {name: value for name, value in headers.items() if name not in own}
