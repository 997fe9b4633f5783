"""Times in recordings and films.

seconds("1:30") → 90.0       as people write them: 90, "90", "90s", "1:30", "1:02:03.5"
stamp(83.44) → "00:01:23.4"  as frames are named
Span(start, end)             a stretch of time; no end: to the end
"""

from __future__ import annotations

import re
from math import isfinite

from ..errors import ConfigurationError, MediaError
from ..values import dataclass

_WRITTEN = re.compile(r"(?:(?:(\d{1,4}):)?(\d{1,4}):)?(\d{1,9}(?:\.\d{0,9})?)\s*s?", re.ASCII)


def seconds(value: float | str) -> float:
    """A time as a number of seconds, or as text: `"90"`, `"90s"`, `"1:30"`, `"1:02:03.5"`.

    Raises:
        ConfigurationError: it is none of these.
    """
    if isinstance(value, str):
        if match := _WRITTEN.fullmatch(value.strip()):
            hours, minutes, rest = match.groups()
            return int(hours or 0) * 3600 + int(minutes or 0) * 60 + float(rest)
    elif not isinstance(value, bool) and isfinite(value) and value >= 0:
        return float(value)
    raise ConfigurationError(f"a time is a number of seconds or text such as '1:30' or '1:02:03.5', not {value!r:.60}")


def stamp(time: float) -> str:
    """A time as `hours:minutes:seconds.tenths`."""
    tenths = round(max(0.0, time) * 10)
    return f"{tenths // 36000:02}:{tenths // 600 % 60:02}:{tenths // 10 % 60:02}.{tenths % 10}"


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a recording or film, in seconds from its beginning. No `end`: to the end."""

    start: float = 0.0
    end: float | None = None

    @property
    def whole(self) -> bool:
        return not self.start and self.end is None

    @property
    def length(self) -> float | None:
        return None if self.end is None else self.end - self.start

    def __str__(self) -> str:
        return f"{stamp(self.start)} to {'the end' if self.end is None else stamp(self.end)}"


WHOLE = Span()


def asked(start: float | None, end: float | None, duration: float | None, what: str) -> Span:
    """The span that a caller asked for, of a medium of this duration; whole where nothing would be cut off.

    Raises:
        MediaError: it begins after the medium ends.
    """
    begin = start or 0.0
    if duration is not None and begin >= duration:
        raise MediaError(f"{what} is {duration:,.1f} s long: nothing is left of it after start={begin:g}")
    return Span(begin, None if end is None or (duration is not None and end >= duration) else end)
