"""Dates and times as printed and as said, to ISO 8601.

    2026-03-14 · 14/03/2026 · 03/14/2026 · 14.03.26 · March 14, 2026 · 14 Mar 2026 · the 14th of March 2026
    12:30 · 12.30 Uhr · 9:05 pm · at ten · noon

A date without a year is not a date here: the year would be invented. In `03/04/2026` the order is the document's
(`order`): that of its unambiguous dates, else month first where amounts are in dollars, else day first.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import date, time
from typing import Literal

from ....values import dataclass
from .numbers import find_number, repair

Order = Literal["dmy", "mdy"]

_MONTHS = {
    name[:3]: number
    for number, name in enumerate(
        "january february march april may june july august september october november december".split(),
        start=1,
    )
}
_MONTH = (
    r"(?P<month>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
)
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_YEAR = r"(?P<year>\d{4}|['’]?\d{2})(?!\d)(?!:)"
_ORDINALS = {
    word: number
    for number, word in enumerate(
        "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth "
        "fifteenth sixteenth seventeenth eighteenth nineteenth twentieth".split(),
        start=1,
    )
} | {"thirtieth": 30}
_TENTHS = {"twenty": 20, "thirty": 30}

_NUMERIC = re.compile(r"(?<![\d.,/\-])(?P<a>\d{1,2})\s?([/.\-])\s?(?P<b>\d{1,2})\s?\2\s?(?P<year>\d{4}|\d{2})(?!\d)")
_ISO = re.compile(r"(?<!\d)(?P<year>\d{4})([-/.])(?P<month>\d{1,2})\2(?P<day>\d{1,2})(?!\d)")
_COMPACT = re.compile(r"(?<!\d)(?P<year>20\d\d)(?P<month>0[1-9]|1[0-2])(?P<day>[0-2]\d|3[01])(?!\d)")
_MONTH_FIRST = re.compile(rf"(?<![a-z]){_MONTH}\.?\s*(?:the\s+)?{_DAY}\s*(?:[,.]\s*|\s)\s*{_YEAR}", re.IGNORECASE)
_DAY_FIRST = re.compile(rf"(?<!\d){_DAY}\s*(?:of\s+)?[-.\s]?\s*{_MONTH}\.?[-,\s]*\s*{_YEAR}", re.IGNORECASE)
_SPOKEN = re.compile(
    rf"(?<![a-z]){_MONTH}\s+(?:the\s+)?(?P<day>(?:twenty|thirty)?[\s-]?[a-z]+(?:st|nd|rd|th))[\s,]+(?P<year>(?:[a-z]+[\s-]?){{1,5}})",
    re.IGNORECASE,
)
_CLOCK = re.compile(
    r"(?<![\d.,/:])(?P<hour>\d{1,2})[:.h](?P<minute>[0-5]\d)(?![\d/]|[.,]\d)(?::(?P<second>[0-5]\d))?(?:\.\d+)?"
    r"\s*(?P<half>[ap]\.?m\b\.?)?(?P<zone>\s*(?:Z\b|UTC\b|GMT\b|[+-]\d\d:?\d\d))?",
    re.IGNORECASE,
)
_HOUR = re.compile(r"(?<![\d.,/:])(?P<hour>\d{1,2})\s*(?P<half>[ap]\.?m\b\.?|o'?clock\b)", re.IGNORECASE)
_PAST = re.compile(r"\b(?P<part>half past|quarter past|quarter to)\s+(?P<hour>[a-z]+|\d{1,2})\b", re.IGNORECASE)
_PARTS = {"half past": 30, "quarter past": 15, "quarter to": -15}
_SPOKEN_HOUR = re.compile(r"(?:\bat\s+|^)(?P<hour>[a-z]+)\b(?P<rest>[a-z\s'-]*)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Moment:
    """An ISO date or time read from `text[start:end]`."""

    iso: str
    start: int
    end: int


def find_date(text: str, order: Order = "dmy", start: int = 0) -> Moment | None:
    """The first full date (with its year) in `text` at or after `start`."""
    fixed = repair(text)
    best: tuple[re.Match[str], date] | None = None
    for pattern, read in _READERS:
        for match in pattern.finditer(fixed, start):
            day = read(match, order)
            if day is not None:
                if best is None or match.start() < best[0].start():
                    best = (match, day)
                break
    return None if best is None else Moment(best[1].isoformat(), best[0].start(), best[0].end())


def find_dates(text: str, order: Order = "dmy") -> list[Moment]:
    """Every full date in `text`, left to right."""
    found: list[Moment] = []
    moment = find_date(text, order)
    while moment is not None:
        found.append(moment)
        moment = find_date(text, order, moment.end)
    return found


def find_time(text: str) -> Moment | None:
    """The first time of day in `text`: digits with a separator, an hour with am/pm, "noon", or "at ten"."""
    fixed = repair(text)
    for pattern in (_CLOCK, _HOUR):
        for match in pattern.finditer(fixed):
            clock = _clock(match)
            if clock is not None:
                return Moment(clock, match.start(), match.end())
    named = re.search(r"\b(noon|midday|midnight)\b", text, re.IGNORECASE)
    if named:
        iso = "00:00:00" if named[1].lower() == "midnight" else "12:00:00"
        return Moment(iso, named.start(), named.end())
    return _past_hour(text) or _spoken_time(text)


def date_order(texts: Iterable[str], prompt: str = "") -> Order:
    """The order of day and month in numeric dates, told by the prompt or by the document itself."""
    told = re.search(r"\b(?:(dd?)[/. -]mm?|(mm?)[/. -]dd?)\b|\b(day first)\b|\b(month first)\b", prompt, re.IGNORECASE)
    if told:
        return "dmy" if told[1] or told[3] else "mdy"
    joined = repair("\n".join(texts))
    for match in _NUMERIC.finditer(joined):
        if int(match["a"]) > 12 >= int(match["b"]):
            return "dmy"
        if int(match["b"]) > 12 >= int(match["a"]):
            return "mdy"
    dollars = "$" in joined or "USD" in joined
    return "mdy" if dollars and not re.search("[€£]|EUR|GBP", joined) else "dmy"


def _year(text: str) -> int:
    digits = text.lstrip("'’")
    year = int(digits)
    if len(digits) == 4:
        return year
    return year + (2000 if year < 70 else 1900)


def _made(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _read_numeric(match: re.Match[str], order: Order) -> date | None:
    first, second, year = int(match["a"]), int(match["b"]), _year(match["year"])
    if match[2] == ".":
        order = "dmy"
    day, month = (first, second) if order == "dmy" else (second, first)
    return _made(year, month, day) or _made(year, day, month)


def _read_plain(match: re.Match[str], _: Order) -> date | None:
    return _made(int(match["year"]), int(match["month"]), int(match["day"]))


def _read_named(match: re.Match[str], _: Order) -> date | None:
    return _made(_year(match["year"]), _MONTHS[match["month"][:3].lower()], int(match["day"]))


def _read_spoken(match: re.Match[str], _: Order) -> date | None:
    words = re.findall("[a-z]+", match["day"].lower())
    day = sum(_ORDINALS.get(word, _TENTHS.get(word, 0)) for word in words)
    year = _spoken_year(match["year"])
    return None if year is None else _made(year, _MONTHS[match["month"][:3].lower()], day)


def _spoken_year(text: str) -> int | None:
    """ "twenty twenty six" or "two thousand twenty six" as a year."""
    first = find_number(text)
    if first is None or first.start > 0:
        return None
    if first.value >= 1000:
        return int(first.value)
    second = find_number(text, start=first.end)
    if second is None or text[first.end : second.start].strip(" -"):
        return None
    return int(first.value * 100 + second.value)


def _clock(match: re.Match[str]) -> str | None:
    groups = match.groupdict()
    hour, minute, second = int(groups["hour"]), int(groups.get("minute") or 0), int(groups.get("second") or 0)
    half = (groups.get("half") or "").lower()
    if half[:1] in ("a", "p") and not 1 <= hour <= 12:
        return None
    if half[:1] == "p" and hour < 12:
        hour += 12
    elif half[:1] == "a" and hour == 12:
        hour = 0
    try:
        iso = time(hour, minute, second).isoformat()
    except ValueError:
        return None
    zone = (groups.get("zone") or "").strip().upper()
    return iso + ("Z" if zone in ("Z", "UTC", "GMT") else zone)


def _past_hour(text: str) -> Moment | None:
    """ "half past nine", "quarter to ten"."""
    match = _PAST.search(text)
    hour = find_number(match["hour"]) if match else None
    if match is None or hour is None or not 1 <= hour.value <= 23:
        return None
    minutes = int(hour.value) * 60 + _PARTS[match["part"].lower()]
    return Moment(time(minutes // 60, minutes % 60).isoformat(), match.start(), match.end())


def _spoken_time(text: str) -> Moment | None:
    """ "at ten", "at half past nine", "at ten thirty pm"; a bare number word only if it is the whole text."""
    for match in _SPOKEN_HOUR.finditer(text):
        number = find_number(match["hour"])
        if number is None or not 1 <= number.value <= 24:
            continue
        rest = match["rest"]
        at = match[0].lower().startswith("at")
        minutes = find_number(rest)
        glued = minutes is not None and not rest[: minutes.start].strip(" -") and 10 <= minutes.value < 60
        tail = rest[minutes.end :] if minutes is not None and glued else rest
        half = re.match(r"\s*(?:o'?clock\s*)?(in the morning|in the evening|in the afternoon|[ap]\s?m\b)?", tail)
        if not at and tail[half.end() if half else 0 :].strip():
            continue
        late = bool(half and half[1] and re.match(r"p|in the (?:even|after)", half[1]))
        hour = int(number.value) + (12 if late and number.value < 12 else 0)
        if hour > 23:
            continue
        end = match.end() - len(tail) + (half.end() if half else 0)
        iso = time(hour, int(minutes.value) if minutes is not None and glued else 0).isoformat()
        return Moment(iso, match.start("hour"), end)
    return None


_READERS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str], Order], date | None]], ...] = (
    (_ISO, _read_plain),
    (_NUMERIC, _read_numeric),
    (_MONTH_FIRST, _read_named),
    (_DAY_FIRST, _read_named),
    (_COMPACT, _read_plain),
    (_SPOKEN, _read_spoken),
)
