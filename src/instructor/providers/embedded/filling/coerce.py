"""Text to a typed JSON value, with a figure for how well the text fits the type.

    coerce(shape, text, hints, role) ──▶ READERS[shape.kind] ──▶ Found(value, fit, start, end) │ None

`fit` is 1.0 when the text is the value and nothing else, and less the more is left over. Nothing is guessed: a text that
does not hold a value of the type gives `None`.

    role        of a text property: phone, email, url, identifier, person, worded …; decides what a text must look like
    hints       of the document: order of day and month, decimal comma
"""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from ....values import dataclass
from .dates import Moment, Order, find_date, find_dates, find_time
from .labels import key_of, words
from .numbers import CURRENCY_CODES, CURRENCY_SIGNS, SHARED_SIGNS, find_number, find_numbers
from .shape import Kind, Shape

EMAIL = re.compile(r"[\w.+%-]+\s?@\s?[\w-]+(?:\.[\w-]+)*\.[A-Za-z]{2,}")
URL = re.compile(
    r"(?:https?\s?:\s?//|www\.)[^\s<>\"']+|\b[\w-]+(?:\.[\w-]+)*\.(?:com|org|net|io|dev|eu|de|uk|fr)\b(?:/\S*)?"
)
PHONE = re.compile(r"(?<![\w.])(?:\+|\(\+?)?\d[\d\s().\-/]{5,18}\d(?:\s?(?:x|ext\.?)\s?\d+)?(?![\w])")
UUID = re.compile(r"\b[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}\b")
IDENTIFIER = re.compile(r"[A-Za-z0-9#][\w#./\-]*\d[\w./\-]*|\d[\w./\-]*")
DURATION = re.compile(
    r"(?:(?P<h>\d+(?:\.\d+)?)\s*(?:hours?|hrs?|h)\b)?\s*(?:and\s*)?(?:(?P<m>\d+(?:\.\d+)?)\s*(?:minutes?|mins?|m)\b)?"
    r"\s*(?:and\s*)?(?:(?P<s>\d+(?:\.\d+)?)\s*(?:seconds?|secs?|s)\b)?",
    re.IGNORECASE,
)
_UNIT = re.compile(r"\s*(?:[A-Za-zµ°/²³%.]{1,12}(?:\s(?:old|of age|each|net|gross|only))?|\([^)]{1,20}\))?\s*$")
_TRUE = frozenset(
    "yes y true x ✓ ✔ ☑ ☒ checked on ja oui si sí agreed accepted passed pass ok enabled positive paid".split()
)
_FALSE = frozenset("no n false none ☐ □ unchecked off nein non fail failed disabled negative unpaid ○".split())
_MARKED = re.compile(r"[\[(]\s?([xX✓✔vV*]|)\s?[\])]|[☑☒✓✔]|[☐□]")
RANGE = re.compile(
    r"(?<=\d)\s?[^\W\d_]{0,3}\.?\s*(?:[-–—~×]|\b(?:to|x)\b|(?<=\d)x(?=\d))\s*[$€£+-]?\s?\d", re.IGNORECASE
)
"""What makes two numbers one value, and neither of them the value: 3.9 - 5.6, 10 x 20 cm, 2 to 4."""
_VERSION = re.compile(r"(?<![\d.])\d+(?:\.\d{1,2}){2,}(?![\d])")
_SHARE = re.compile(r"\d\s*of\s*\d", re.IGNORECASE)
_OTHER_CODES = re.compile(r"\b[A-Z]{2}\d{2}(?:\s?[A-Z\d]{4}){2,}(?:\s?[A-Z\d]{1,3})?\b|(?:\d[\s-]?){5,}")
_CODE_LABELS = frozenset("iban bic swift account acct no number sort code ref reference id eur usd gbp chf".split())
_BULLET = re.compile(r"^\s*(?:[•·▪◦*‣–—\-]\s+|[=:>]\s*)+")


@dataclass(frozen=True, slots=True)
class Hints:
    """What one document's values have in common."""

    order: Order = "dmy"
    decimal_comma: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """A value read from `text[start:end]`."""

    value: Any
    fit: float
    start: int = 0
    end: int = 0


Reader = Callable[[Shape, str, Hints, str], Found | None]


def coerce(shape: Shape, text: str, hints: Hints, role: str = "") -> Found | None:
    """The value of `text` for `shape`, or for the one of its other types that fits it better, limits checked."""
    best: Found | None = None
    for one in (shape, *shape.also):
        found = _READERS[one.kind](one, text, hints, role) if one.kind in _READERS else None
        limited = None if found is None else _limited(one, found)
        if limited is not None and (best is None or limited.fit > best.fit):
            best = limited
        if best is not None and best.fit >= 0.9:
            break
    return best


def _limited(shape: Shape, found: Found) -> Found | None:
    """`found`, worth less where it breaks a limit of the schema; `None` where it breaks the pattern or the length."""
    value = found.value
    if shape.kind in ("integer", "number", "decimal"):
        outside = (shape.low is not None and float(value) < shape.low) or (
            shape.high is not None and float(value) > shape.high
        )
        return Found(value, found.fit * 0.5, found.start, found.end) if outside else found
    if isinstance(value, str):
        if shape.pattern and not matches(shape.pattern, value):
            return None
        if shape.longest is not None and len(value) > shape.longest:
            return None
    return found


def matches(pattern: str, value: str) -> bool:
    """Whether `value` fits `pattern`; a pattern in a dialect `re` does not read is not held against it."""
    try:
        return re.search(pattern, value) is not None
    except re.error:
        return True


def _number(text: str, hints: Hints, want_money: bool = False) -> tuple[Decimal, float, int, int] | None:
    """The number that `text` consists of, but for a unit after it or a currency around it."""
    numbers = find_numbers(text, decimal_comma=hints.decimal_comma)
    if not numbers:
        return None
    number = next((one for one in numbers if one.money), numbers[0]) if want_money else numbers[0]
    before, after = text[: number.start].strip(" :=.~"), text[number.end :]
    if before and not re.fullmatch(r"[A-Za-z]{1,3}\.?|approx\.?|about|ca\.?|only|at|@|is", before, re.IGNORECASE):
        return None
    if find_dates(text) or (re.match(r"[:/]\d", after) and not want_money):
        return None
    if RANGE.search(text) or _VERSION.search(text):
        return None
    fit = 1.0 if not after.strip(" .,;") else 0.95 if _UNIT.fullmatch(after) else 0.6
    if before:
        fit *= 0.95
    if number.percent and want_money:
        fit *= 0.4
    return number.value, fit, number.start, number.end


def _integer(shape: Shape, text: str, hints: Hints, role: str) -> Found | None:
    read = _number(text, hints)
    if read is None or read[0] != read[0].to_integral_value():
        return None
    return Found(int(read[0]), read[1], read[2], read[3])


def _float(shape: Shape, text: str, hints: Hints, role: str) -> Found | None:
    read = _number(text, hints, role == "money")
    if read is None:
        return None
    share = "%" in text and shape.high is not None and shape.high <= 1
    return Found(float(read[0] / 100 if share else read[0]), read[1], read[2], read[3])


def _decimal(shape: Shape, text: str, hints: Hints, role: str) -> Found | None:
    read = _number(text, hints, role == "money")
    if read is None:
        return None
    share = "%" in text and shape.high is not None and shape.high <= 1
    value = read[0] / 100 if share else read[0]
    return Found(format(value, "f"), read[1], read[2], read[3])


def _boolean(shape: Shape, text: str, hints: Hints, role: str) -> Found | None:
    """Yes/no words alone, or a mark in a box."""
    marked = _MARKED.match(text.strip())
    if marked:
        empty = marked[0] in "☐□" or (marked[0][0] in "[(" and not marked[1])
        return Found(not empty, 0.95, 0, len(text))
    first = text.strip(" .,;:!\"'").lower()
    if first in _TRUE | _FALSE:
        return Found(first in _TRUE, 1.0, 0, len(text))
    word = re.match(r"\s*(yes|no|true|false)\b[\s,.;:(\-–]", text, re.IGNORECASE)
    return None if word is None else Found(word[1].lower() in _TRUE, 0.8, 0, word.end())


def _date(shape: Shape, text: str, hints: Hints, role: str) -> Found | None:
    return _moment(find_date(text, hints.order), text)


def _time(shape: Shape, text: str, hints: Hints, role: str) -> Found | None:
    return _moment(find_time(text), text)


def _moment(moment: Moment | None, text: str) -> Found | None:
    if moment is None:
        return None
    left = len(text[: moment.start].strip(" ,:")) + len(text[moment.end :].strip(" ,.:;"))
    fit = 1.0 if not left else 0.95 if left <= 12 else 0.75
    return Found(moment.iso, fit, moment.start, moment.end)


def _datetime(shape: Shape, text: str, hints: Hints, role: str) -> Found | None:
    """A date with its time; without a time in the text the date alone stands, no hour is made up."""
    day = find_date(text, hints.order)
    if day is None:
        return None
    clock = find_time(text[: day.start] + " " * (day.end - day.start) + re.sub("^T", " ", text[day.end :]))
    if clock is None:
        return Found(day.iso, 0.85, day.start, day.end)
    return Found(f"{day.iso}T{clock.iso}", 1.0, min(day.start, clock.start), max(day.end, clock.end))


def _duration(shape: Shape, text: str, hints: Hints, role: str) -> Found | None:
    match = DURATION.match(text.strip())
    if match is None or not match[0].strip():
        return None
    parts = "".join(f"{match[unit]}{unit.upper()}" for unit in "hms" if match[unit])
    return Found(f"PT{parts}", 1.0, 0, len(text)) if parts else None


def _shaped(pattern: re.Pattern[str]) -> Reader:
    def read(shape: Shape, text: str, hints: Hints, role: str) -> Found | None:
        match = pattern.search(text)
        if match is None:
            return None
        value = re.sub(r"\s", "", match[0]).rstrip(".,;)")
        return Found(value, 1.0 if len(match[0]) > 0.6 * len(text.strip()) else 0.85, match.start(), match.end())

    return read


def _choice(shape: Shape, text: str, hints: Hints, role: str) -> Found | None:
    """The one value that `text` names: itself, in other letter case or spacing, by its first words, or nearly."""
    key = key_of(text)
    if not key:
        return None
    keyed = [(key_of(words(str(value))), value) for value in shape.values if value is not None]
    for own, value in keyed:
        if own == key:
            return Found(value, 1.0, 0, len(text))
    mentioned = mentions(shape.values, text)
    if len(mentioned) == 1:
        return Found(mentioned[0], 0.9, 0, len(text))
    from rapidfuzz import fuzz

    close = [value for own, value in keyed if len(own) >= 4 and fuzz.ratio(own, key) >= 82]
    return Found(close[0], 0.85, 0, len(text)) if len(close) == 1 else None


def mentions(values: tuple[Any, ...], text: str) -> list[Any]:
    """The values named in `text` as whole words, longer ones first: "two" is not a mention of it inside "two-day"."""
    rest, found = text, list[Any]()
    for value in sorted((v for v in values if v is not None), key=lambda v: -len(str(v))):
        short = len(str(value)) <= 2
        forms = {str(value)} if short else {str(value), words(str(value))}
        spoken = [re.escape(form) for form in sorted(forms) if form.strip()]
        spoken += [re.escape(sign) for sign in _signs_of(str(value), values)]
        if not spoken:
            continue
        edged = rf"(?<![\w])(?:{'|'.join(spoken)})(?![A-Za-z_])"
        flags = 0 if short else re.IGNORECASE
        if re.search(edged, rest, flags):
            found.append(value)
            rest = re.sub(edged, " ", rest, flags=flags)
    return [value for value in values if value in found]


def _signs_of(code: str, values: tuple[Any, ...]) -> list[str]:
    """The sign of a currency, unless another currency among `values` is written with the same sign."""
    rivals = next((group for group in SHARED_SIGNS if code in group), frozenset[str]())
    alone = len(rivals.intersection(map(str, values))) <= 1
    return [sign for sign, own in CURRENCY_SIGNS.items() if own == code and alone]


def tidy(text: str) -> str:
    """A text value without bullets before it and without separators around it."""
    bare = _BULLET.sub("", text).strip(" ,;:|=\t\n").strip()
    return bare[1:-1].strip() if len(bare) > 2 and bare[0] == bare[-1] == '"' else bare


def _text(shape: Shape, text: str, hints: Hints, role: str) -> Found | None:
    """Any text that is one; a role asks for more."""
    reader = _ROLES.get(role)
    if reader is not None:
        return reader(shape, text, hints, role)
    value = tidy(text)
    if not any(char.isalnum() for char in value):
        return None
    fit = 1.0 if len(value) <= 120 else 0.7
    return Found(value, fit, 0, len(text))


def _person(shape: Shape, text: str, hints: Hints, role: str) -> Found | None:
    """A name holds letters, and hardly ever digits."""
    value = tidy(text)
    if sum(char.isalpha() for char in value) < 2:
        return None
    telling = find_date(value, hints.order) is not None or "@" in value
    return Found(value, 0.3 if telling else 0.75 if any(ch.isdigit() for ch in value) else 1.0, 0, len(text))


def _identifier(shape: Shape, text: str, hints: Hints, role: str) -> Found | None:
    """A number or code: something with a digit; the rest of a short text belongs to it ("GB 284 1193 07")."""
    value = tidy(text).lstrip("#").strip()
    if not any(char.isdigit() for char in value):
        return Found(value, 0.3, 0, len(text)) if re.fullmatch(r"[A-Z]{3,}(?:-[A-Z]+)*", value) else None
    spaced = value.split()
    codelike = all(any(ch.isdigit() for ch in part) or (part.isupper() and len(part) <= 4) for part in spaced)
    fit = 0.6 if find_date(value, hints.order) is not None and len(spaced) <= 3 else 1.0
    if codelike:
        return Found(value, fit, 0, len(text))
    first = IDENTIFIER.match(value)
    if first is None or RANGE.search(value) or _SHARE.search(value):
        return Found(value, 0.5 * fit, 0, len(text)) if len(value) <= 40 else None
    return Found(first[0].rstrip("./-"), 0.7 * fit, 0, len(text))


def _worded(shape: Shape, text: str, hints: Hints, role: str) -> Found | None:
    """A method, a type, a status: said in words, or a digit or two; never a number by which something is found."""
    value = tidy(text)
    day = find_date(value, hints.order)
    rest = value if day is None else value[: day.start] + " " + value[day.end :]
    for form in (EMAIL, URL, _OTHER_CODES):
        rest = form.sub(" ", rest)
    named = any(word.lower() not in _CODE_LABELS for word in re.findall(r"[^\W\d_]+", rest))
    return Found(value, 1.0, 0, len(text)) if named or re.fullmatch(r"\d{1,2}", value) else None


def _phone(shape: Shape, text: str, hints: Hints, role: str) -> Found | None:
    match = PHONE.search(text)
    if match is None or not 6 <= sum(char.isdigit() for char in match[0]) <= 16 or find_date(match[0]) is not None:
        return None
    left = len(text.strip()) - len(match[0])
    return Found(match[0].strip(" ./-"), 1.0 if left <= 4 else 0.85, match.start(), match.end())


def _currency(shape: Shape, text: str, hints: Hints, role: str) -> Found | None:
    """A code as printed; a sign as its code, but the dollar sign, which many share, as itself."""
    for code in CURRENCY_CODES:
        if re.search(rf"(?<![A-Za-z]){code}(?![A-Za-z])", text):
            return Found(code, 1.0, 0, len(text))
    for sign, code in CURRENCY_SIGNS.items():
        if sign in text:
            return Found(sign if sign == "$" else code, 0.8, 0, len(text))
    value = tidy(text)
    return Found(value, 0.6, 0, len(text)) if re.fullmatch(r"[A-Za-z ]{3,20}", value) else None


def _any(shape: Shape, text: str, hints: Hints, role: str) -> Found | None:
    """Without a type: a number if the text is nothing but digits, else the text."""
    value = tidy(text)
    number = find_number(value)
    if number is not None and re.fullmatch(r"-?\d{1,9}(?:\.\d{1,4})?", value):
        plain = number.value
        return Found(int(plain) if plain == plain.to_integral_value() else float(plain), 1.0, 0, len(text))
    return _text(shape, text, hints, "")


_READERS: dict[Kind, Reader] = {
    "text": _text, "integer": _integer, "number": _float, "decimal": _decimal, "boolean": _boolean,
    "date": _date, "datetime": _datetime, "time": _time, "duration": _duration,
    "email": _shaped(EMAIL), "url": _shaped(URL), "uuid": _shaped(UUID), "choice": _choice, "any": _any,
}  # fmt: skip
_ROLES: dict[str, Reader] = {
    "email": _shaped(EMAIL), "url": _shaped(URL), "phone": _phone, "identifier": _identifier,
    "person": _person, "currency": _currency, "worded": _worded,
}  # fmt: skip
