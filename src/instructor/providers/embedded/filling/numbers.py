"""Numbers as people print and say them: `1,234.50`, `1.234,50 €`, `(12.00)`, `20 %`, `twenty-one`, `two dozen`.

    text ── repair (O→0, l→1, S→5 where the rest is digits) ── digits │ words ──▶ Number(value, span, money, percent)

A lone separator followed by exactly three digits is read as a thousands mark if it is a comma, and as a decimal
point if it is a point, unless the document writes decimals with a comma (`decimal_comma`).
"""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache

from ....values import dataclass

CURRENCY_CODES = "USD EUR GBP JPY CHF CAD AUD NZD SEK NOK DKK PLN CZK HUF INR CNY BRL MXN ZAR SGD HKD".split()
CURRENCY_SIGNS = {"€": "EUR", "£": "GBP", "₹": "INR", "¥": "JPY", "$": "USD"}
SHARED_SIGNS = (
    frozenset({"USD", "CAD", "AUD", "NZD", "SGD", "HKD", "MXN"}),
    frozenset({"JPY", "CNY"}),
)
CURRENCY_WORDS = "dollars dollar euros euro pounds pound cents cent rupees yen francs franc".split()

_MARK = r"(?:US\$|CA\$|A\$|[$€£¥₹]|(?:" + "|".join(CURRENCY_CODES) + r")\b|Rs\.?|kr\.?)"
_BODY = r"\d{1,3}(?:[ \u00a0\u202f'’]\d{3})+(?:[.,]\d{1,2})?(?!\d)|\d+(?:[.,]\d+)*"
_NUMBER = re.compile(
    rf"(?P<open>\()?\s*(?P<sign>[-−–+])?\s*(?P<pre>(?:{_MARK})\s*)?(?P<sign2>[-−–])?\s*"
    rf"(?P<body>{_BODY}|(?:[.,]\d+))"
    rf"(?P<dash>,-|\.-)?(?P<post>\s*{_MARK})?(?P<minus>-(?!\w))?\s*(?P<close>\))?(?P<percent>\s*%)?"
    r"(?P<scale>\s*(?:k\b|thousand\b|million\b|billion\b))?(?P<word>\s*(?:" + "|".join(CURRENCY_WORDS) + r")\b)?",
    re.IGNORECASE,
)
_SCALES = {"k": 1_000, "thousand": 1_000, "million": 1_000_000, "billion": 1_000_000_000}
_SLIPS = str.maketrans({"O": "0", "o": "0", "Q": "0", "l": "1", "I": "1", "|": "1", "S": "5", "s": "5", "B": "8"})
_SLIPPED = re.compile(r"(?<![^\W_])[\dOoQlI|SsB][\dOoQlI|SsB.,:/\-]*[\dOoQlI|SsB](?![^\W_])")
_DOLLAR = re.compile(r"S\d[\d,]*\.\d\d")
_ZEROS = re.compile(r"[1-9][Oo]|[1-9][Oo][.,][Oo\d]{2}")
_SPLIT_CENTS = re.compile(r"(?<=\d)(?: ([.,])|([.,]) )(?=\d\d(?!\d))")

_UNITS = {
    word: value
    for value, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
        "seventeen eighteen nineteen".split()
    )
}
_TENS = {
    word: 10 * value
    for value, word in enumerate("twenty thirty forty fifty sixty seventy eighty ninety".split(), start=2)
}
_MULTIPLES = {"dozen": 12, "hundred": 100, "thousand": 1_000, "million": 1_000_000, "billion": 1_000_000_000}
_WORD = re.compile(r"[A-Za-z]+")
SPOKEN = rf"(?:{'|'.join(sorted(_UNITS | _TENS | _MULTIPLES, key=len, reverse=True))})"
"""A pattern for one number word."""


@dataclass(frozen=True, slots=True)
class Number:
    """A number read from `text[start:end]`, and how it was marked."""

    value: Decimal
    start: int
    end: int
    money: bool = False
    percent: bool = False


@lru_cache(maxsize=4096)
def repair(text: str) -> str:
    """`text` of the same length, letters set back to digits inside runs that are mostly digits."""

    def fix(match: re.Match[str]) -> str:
        run = match[0]
        digits = sum(ch.isdigit() for ch in run)
        letters = sum(ch.isalpha() or ch == "|" for ch in run)
        if _DOLLAR.fullmatch(run):
            return "$" + run[1:]
        zeros = bool(_ZEROS.fullmatch(run))
        return run.translate(_SLIPS) if letters and (digits > letters or zeros) else run

    return _SLIPPED.sub(fix, text)


def find_number(text: str, *, decimal_comma: bool = False, start: int = 0) -> Number | None:
    """The first number in `text` at or after `start`, written in digits, else in words."""
    fixed = repair(text)
    joined = _SPLIT_CENTS.sub(lambda m: f"{m[1] or m[2]}", fixed)
    shrunk = len(fixed) - len(joined)
    match = _NUMBER.search(joined, start)
    worded = _find_words(text, start)
    if match is None or (worded is not None and worded.start < match.start()):
        return worded
    value = _value(match, decimal_comma)
    lead = len(match[0]) - len(match[0].lstrip())
    return Number(
        value,
        match.start() + lead,
        min(match.end() + shrunk, len(text)),
        money=any(match[group] for group in ("pre", "post", "word", "dash")),
        percent=match["percent"] is not None,
    )


def find_numbers(text: str, *, decimal_comma: bool = False) -> list[Number]:
    """Every number in `text`, left to right."""
    found: list[Number] = []
    number = find_number(text, decimal_comma=decimal_comma)
    while number is not None and number.end > number.start:
        found.append(number)
        number = find_number(text, decimal_comma=decimal_comma, start=number.end)
    return found


def _value(match: re.Match[str], decimal_comma: bool) -> Decimal:
    value = plain(match["body"], decimal_comma=decimal_comma)
    if match["scale"]:
        value *= _SCALES[match["scale"].strip().lower()]
    if (match["word"] or "").strip().lower() in ("cent", "cents"):
        value /= 100
    negative = match["sign"] in ("-", "−", "–") or match["sign2"] or match["minus"]
    return -value if negative or (match["open"] and match["close"]) else value


def plain(body: str, *, decimal_comma: bool = False) -> Decimal:
    """The value of digits with separators, by the place and number of the separators."""
    digits = re.sub(r"[ \u00a0\u202f'’]", "", body)
    comma, point = digits.rfind(","), digits.rfind(".")
    if comma >= 0 and point >= 0:
        decimal = "," if comma > point else "."
    else:
        decimal = _lone_separator(digits, "," if comma >= 0 else ".", decimal_comma)
    whole, _, part = digits.rpartition(decimal) if decimal and decimal in digits else (digits, "", "")
    whole = whole.replace(",", "").replace(".", "")
    return Decimal(f"{whole or '0'}.{part}" if part else whole or "0")


def _lone_separator(digits: str, mark: str, decimal_comma: bool) -> str:
    """The decimal mark of digits that hold only one kind of separator (empty: it marks thousands)."""
    groups = digits.split(mark)
    if len(groups) > 2:
        # Two or more marks: thousands, unless the last group is cents ("1.234.50", an OCR slip).
        return mark if len(groups[-1]) <= 2 else ""
    grouped = len(groups[-1]) == 3 and 1 <= len(groups[0]) <= 3 and groups[0] != "0"
    thousands = grouped and (mark == "," or decimal_comma)
    return "" if thousands else mark


def _find_words(text: str, start: int) -> Number | None:
    """The first run of number words at or after `start`; "and" only inside, and after a hundred or more."""
    words = list(_WORD.finditer(text, start))
    first = next((i for i, match in enumerate(words) if match[0].lower() in _UNITS | _TENS), None)
    if first is None:
        return None
    total, current, end = 0, 0, words[first].start()
    previous, gap = "", end
    for match in words[first:]:
        word = match[0].lower()
        if text[gap : match.start()].strip(" -\n") or not _continues(previous, word):
            break
        if word == "and":
            previous, gap = word, match.end()
            continue
        current, total = _add(current, total, word)
        previous, end = word, match.end()
        gap = end
    return _spoken_money(text, Number(Decimal(total + current), words[first].start(), end))


def _continues(previous: str, word: str) -> bool:
    if previous == "":
        return word in _UNITS or word in _TENS
    if word == "and":
        return previous in _MULTIPLES
    if word in _MULTIPLES:
        return previous != "and"
    if word in _TENS:
        return previous in _MULTIPLES or previous == "and"
    return word in _UNITS and (previous in _MULTIPLES or previous == "and" or (previous in _TENS and _UNITS[word] < 10))


def _add(current: int, total: int, word: str) -> tuple[int, int]:
    """`(current, total)` after one more number word."""
    if word in _MULTIPLES:
        multiple = _MULTIPLES[word]
        scaled = max(current, 1) * multiple
        return (0, total + scaled) if multiple >= 1_000 else (scaled, total)
    return current + (_UNITS.get(word) or _TENS.get(word, 0)), total


def _spoken_money(text: str, number: Number) -> Number:
    """`number` with the currency word after it, and the cents after that ("twelve dollars and fifty cents")."""
    unit = re.match(r"\s*(" + "|".join(CURRENCY_WORDS) + r")\b", text[number.end :], re.IGNORECASE)
    if unit is None:
        percent = re.match(r"\s*(?:percent|per cent|%)", text[number.end :], re.IGNORECASE)
        return (
            number if percent is None else Number(number.value, number.start, number.end + percent.end(), False, True)
        )
    end = number.end + unit.end()
    if unit[1].lower().startswith("cent"):
        return Number(number.value / 100, number.start, end, True)
    rest = re.match(r"\s*(?:and\s+)?", text[end:])
    after = end + (rest.end() if rest else 0)
    cents = _find_words(text, after)
    if cents is not None and cents.start == after and cents.money and cents.value < 1:
        return Number(number.value + cents.value, number.start, cents.end, True)
    return Number(number.value, number.start, end, True)
