"""Values said in sentences: "my name is jason and i am twenty years old", "the meeting is on monday at ten".

    <label> is │ are │ was │ equals <value>        any property, by its own names
    PATTERNS                                       a few turns of phrase, by concept

Only sentences are searched (speech, plain text, and lines of print with a verb), never the caller's instruction. A name
that speech gives in lower case is returned with capitals.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from .coerce import Hints, coerce
from .concepts import WEAK
from .labels import tokens
from .numbers import SPOKEN, find_numbers
from .pairs import Candidate
from .slots import Slot, names_of

PROSE = -1
"""Cell id that stands for the running text in spans."""

_END = (
    r"(?=\s*(?:[.!?](?:\s|$)|[,;\n]|$)|\s+(?:and|but|so)\s+(?:i|my|the|he|she|his|her|we|our|it|they|their|is|am|was|has)\b"
    r"|\s+(?:who|which|because|from|and)\s)"
)
_NAME = r"(?P<value>[^\W\d_][\w'’.-]*(?:\s+(?!and\b|i\b|is\b|i'm\b|from\b|at\b|who\b)[^\W\d_][\w'’-]*){0,3})"
_NUMBER = rf"(?P<value>\d+|{SPOKEN}(?:[ -](?:and )?{SPOKEN})*)"
_NOT_NAMES = "he|she|it|i|they|we|you|who|this|that|there|age|and|the|which|what|today|date|name"
_DAY = r"(?P<value>(?:mon|tues|wednes|thurs|fri|satur|sun)day|today|tomorrow)"

PATTERNS: dict[str, tuple[str, ...]] = {
    "name": (
        rf"\bmy (?:full )?name(?:'s| is)\s+{_NAME}{_END}",
        rf"\b(?:i am|i'm) (?:called|named)\s+{_NAME}{_END}",
        rf"\b(?:his|her|their|the) name(?:'s| is| was)\s+{_NAME}{_END}",
        rf"\b(?:call me|called|named)\s+{_NAME}{_END}",
        rf"(?:^|[.!?,\n]\s*|\band\s+)(?!(?:{_NOT_NAMES})\b)(?P<value>[^\W\d_][\w'’-]+(?:\s+[A-Z][\w'’-]+)*)\s+is\s+"
        r"(?:a\s+|an\s+)?(?:\d+|[a-z]+(?:[ -][a-z]+)?)(?:[ -]years?[ -]old|\s+years\s+of\s+age|,|\.|$)",
        rf"(?:^|[.!?\n]\s*)(?:hello[,!]?\s+|hi[,!]?\s+)?this is\s+(?!a\b|the\b|an\b|my\b)(?P<value>[^\W\d_][\w'’-]*"
        rf"(?:\s+(?!and\b|from\b|i\b)[^\W\d_][\w'’-]*)?){_END}",
        rf"\b(?:i am|i'm)\s+(?P<value>[A-Z][\w'’-]+(?:\s+[A-Z][\w'’-]+)*){_END}",
    ),
    "age": (
        rf"\b{_NUMBER}[ -]years?[ -](?:old|of age)\b",
        rf"\b(?:aged|age of|age is|turned)\s+{_NUMBER}{_END}",
        rf"\b(?:i am|i'm|is|he's|she's)\s+(?P<value>\d{{1,3}}){_END}",
    ),
    "city": (
        rf"\b(?:live|lives|living|located|based|born)\s+in\s+{_NAME}{_END}",
        rf"\b(?:am|is|are|comes?|i'm)\s+from\s+{_NAME}{_END}",
    ),
    "company": (rf"\b(?:work|works|working|employed)\s+(?:at|for|by)\s+{_NAME}{_END}",),
    "job": (rf"\b(?:work|works|working)\s+as\s+(?:an?\s+|the\s+)?{_NAME}{_END}",),
    "day": (rf"\b{_DAY}\b",),
    "total": (
        r"\b(?:paid|pay|pays|costs?|spent|charged|totals?|owed?s?|price of|sum of)\s+(?:a total of\s+|about\s+)?"
        r"(?P<value>[$€£]?\s?\d[\d,.]*\d(?:\s?(?:dollars|euros|pounds|usd|eur))?|[$€£]?\d+(?:\s?(?:dollars|euros|pounds))?"
        r"|[a-z -]+?(?:dollars?|euros?|pounds?)(?:\s+(?:and\s+)?[a-z -]+?cents)?)(?=\W|$)",
    ),
    "time": (
        rf"\bat\s+(?P<value>(?:\d{{1,2}}(?::\d\d)?|{SPOKEN})(?:\s+{SPOKEN})*(?:\s*(?:[ap]\s?\.?m\b|o'clock))?|noon|midday|midnight)",
    ),
}
_ALSO: dict[str, str] = {
    "location": "city", "hometown": "city", "day": "day", "weekday": "day", "when": "day", "price": "total",
    "cost": "total", "amount": "total", "paid": "total", "spent": "total", "speaker": "name", "person": "name",
    "profession": "job", "start_time": "time", "meeting_time": "time",
}  # fmt: skip
_COMPILED = {name: [re.compile(p, re.IGNORECASE) for p in patterns] for name, patterns in PATTERNS.items()}
_CASED = frozenset({len(PATTERNS["name"]) - 1})
_SMALL = frozenset("of the and for in at de van der von la".split())


def said(text: str, slots: Sequence[Slot], hints: Hints) -> Iterator[Candidate]:
    """Values that the sentences of `text` give to `slots`."""
    if not text.strip():
        return
    for number, slot in enumerate(slots):
        for value, score, start, end in (*_predicates(text, slot), *_phrased(text, slot)):
            found = coerce(slot.shape, value, hints, slot.role)
            if found is not None:
                shown = capitalised(found.value) if slot.role == "person" else found.value
                yield Candidate(number, shown, score * found.fit, ((PROSE, start, end),))
    yield from _counted(text, slots)


def _predicates(text: str, slot: Slot) -> Iterator[tuple[str, float, int, int]]:
    """`the total is twelve dollars`, for every name the property gives itself."""
    for label in names_of(slot.shape):
        name = re.escape(label.text).replace(r"\ ", r"[\s_-]+")
        verb = r"\s+(?:is|are|was|were|equals|will be|comes to|of)\s+(?:on\s+|the\s+|a\s+|an\s+)?"
        pattern = rf"\b{name}{verb}(?P<value>.+?){_END}"
        for match in re.finditer(pattern, text, re.IGNORECASE):
            if match["value"].strip():
                yield match["value"].strip(), 0.85 * label.weight, match.start("value"), match.end("value")


def _phrased(text: str, slot: Slot) -> Iterator[tuple[str, float, int, int]]:
    names = {*slot.concepts, _ALSO.get(slot.name.lower(), "")}
    for concept in names & _COMPILED.keys():
        for rank, pattern in enumerate(_COMPILED[concept]):
            for match in pattern.finditer(text):
                value = match["value"].strip(" ,.;")
                if concept == "name" and rank in _CASED and not match["value"][:1].isupper():
                    continue
                yield value, 0.8 - 0.02 * rank, match.start("value"), match.end("value")


def _counted(text: str, slots: Sequence[Slot]) -> Iterator[Candidate]:
    """`two coffees`: a count before the plural noun that a property is named after, or for "quantity" itself."""
    for found in find_numbers(text):
        noun = re.match(r"\s+([a-z]{3,}s)\b", text[found.end :], re.IGNORECASE)
        if noun is None or found.money or found.percent or noun[1].lower() in ("years", "dollars", "euros", "cents"):
            continue
        for number, slot in enumerate(slots):
            own = tokens(slot.shape.name) - WEAK
            named = {noun[1].lower(), noun[1].lower()[:-1]} & own
            counts = own & {"quantity", "count"} or slot.shape.name.lower() in ("number", "amount", "units")
            if slot.shape.kind == "integer" and (named or counts) and found.value == int(found.value):
                score = 0.75 if named else 0.6
                yield Candidate(number, int(found.value), score, ((PROSE, found.start, found.end),))


def capitalised(value: object) -> object:
    """A name that was spoken, or typed without capitals, with capitals."""
    if not isinstance(value, str) or any(char.isupper() for char in value):
        return value
    return " ".join(word if word in _SMALL else word[:1].upper() + word[1:] for word in value.split())
