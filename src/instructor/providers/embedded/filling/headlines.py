"""Who and what a badge or a card names without a label: known by size, by place, and by what is left.

NORTH SEA DAYS 2026        above the person: the headline, an event (or, where none is asked for, the company)
Amina Castellan            the largest line that may be a person's name
Research Engineer          words that only a role has
Tidewater Maps             the line that is left: the company

What could be two things is neither.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ....values import dataclass
from .coerce import coerce
from .concepts import PERSONS
from .labels import tokens
from .layout import Cell
from .pairs import Candidate, Page
from .parties import names
from .slots import Slot

_JOBS = re.compile(
    r"\b(?:engineer|manager|director|developer|designer|analyst|officer|president|ceo|cto|cfo|founder|consultant|scientist|"
    r"professor|researcher|architect|nurse|doctor|physician|editor|journalist|lead|head of|coordinator|specialist|"
    r"assistant|administrator|technician|teacher|student|intern|speaker|volunteer|representative)\b|"
    r"^(?:exhibitor|attendee|delegate|participant|organi[sz]er|staff|press|media|sponsor|guest|crew|moderator|host|vip)$",
    re.IGNORECASE,
)
_FIRMS = re.compile(
    r"\b(?:inc|ltd|llc|gmbh|ag|corp|corporation|co|company|plc|bv|sa|group|labs?|university|institute|college|"
    r"technologies|systems|solutions|partners|studio|foundation|bank|hospital|school|society|association|club|library|"
    r"museum|council|union|academy)\b\.?",
    re.IGNORECASE,
)
_EVENTS = re.compile(
    r"\b(?:conference|summit|congress|forum|expo|convention|symposium|workshop|fair|festival|meetup)\b", re.IGNORECASE
)
_NAME = re.compile(r"(?:(?:[A-Z][\w'’.-]*|de|van|von|der|da|la|bin|al)\s*){2,5}")
_FORMS = {"job": _JOBS, "company": _FIRMS, "event": _EVENTS}
_MOST_LINES = 40
"""A sheet with more lines is no badge, card or label."""
_ALIKE = 0.85
"""From this share of its height on, a line is as large as another."""


@dataclass(frozen=True, slots=True)
class Found:
    """The lines that stand for one thing, and how surely."""

    cells: Sequence[Cell]
    score: float


def headlines(page: Page, slots: Sequence[Slot]) -> Iterator[Candidate]:
    """Candidates for the person, the role, the company and the event among `slots`."""
    if not page.layout.lines or len(page.layout.lines) > _MOST_LINES:
        return
    asked = frozenset(about for slot in slots for about in _about(slot))
    for number, slot in enumerate(slots):
        if slot.shape.kind != "text" or slot.party or len(slot.path) > 1 or _labelled(page, number):
            continue
        for about in sorted(_about(slot)):
            for found in _found(page, about, asked):
                text = " ".join(cell.text for cell in found.cells)
                value = coerce(slot.shape, text, page.hints, slot.role)
                if value is not None:
                    spans = tuple((cell.id, 0, len(cell.text)) for cell in found.cells)
                    yield Candidate(number, value.value, found.score * value.fit, spans)


def _about(slot: Slot) -> frozenset[str]:
    """Which of person, job, company and event a slot asks for."""
    own = tokens(slot.shape.name)
    person = "name" in slot.concepts or ("name" in own and bool(own & PERSONS) and own <= PERSONS | {"name"})
    return (slot.concepts & _FORMS.keys()) | (frozenset({"person"}) if person else frozenset[str]())


def _labelled(page: Page, number: int) -> bool:
    """Whether the page has a label of the slot: then nothing else names it, even if the label stands alone."""
    hits = (hit for hits in page.hits.values() for hit in hits if hit.colon)
    return any(
        slot == number and weight >= 0.9 and hit.match.quality >= 0.9 and not hit.match.partial
        for hit in hits
        for slot, weight in hit.match.slots
    )


def _found(page: Page, about: str, asked: frozenset[str]) -> Iterator[Found]:
    form = _FORMS.get(about)
    if form is not None:
        free = (cell for cell in page.layout.cells if cell.id not in page.taken)
        cell = next((one for one in free if form.search(one.text) and _stands_alone(page, one)), None)
        if cell is not None:
            yield Found((cell,), 0.53)
    person = _person(page)
    if person is None:
        return
    if about == "person":
        yield Found((person,), 0.52)
    elif about != "job":
        company, event = _left(page, person, asked)
        cells = company if about == "company" else event
        if cells:
            yield Found(cells, 0.51)


def _stands_alone(page: Page, cell: Cell) -> bool:
    """Whether a cell is a line of its own that no label begins."""
    hit = page.label(cell)
    return len(cell.text) <= 60 and (hit is None or (hit.whole and len(page.layout.lines[cell.line].cells) == 1))


def _lines(page: Page) -> list[Cell]:
    """What names something in print: no label, date or number, no role."""
    return [cell for cell in names(page) if not page.layout.lines[cell.line].flat and not _JOBS.search(cell.text)]


def _person(page: Page) -> Cell | None:
    """The largest line of two to five capitalised words that is no role, event or firm.

    None if a later line is as large: of the two, either may be the one who issued the card.
    """
    likely = [
        cell
        for cell in _lines(page)
        if _NAME.fullmatch(cell.text) and not _EVENTS.search(cell.text) and not _FIRMS.search(cell.text)
    ]
    best = max(likely, key=lambda cell: (round(cell.height, 1), -cell.id), default=None)
    if best is None:
        return None
    rivals = (cell for cell in likely if cell.line > best.line and cell.height >= _ALIKE * best.height)
    return None if any(rivals) else best


def _left(page: Page, person: Cell, asked: frozenset[str]) -> tuple[Sequence[Cell], Sequence[Cell]]:
    """The company and the event among the lines that are not the person: by their words, else by what is left."""
    lines = [cell for cell in _lines(page) if cell is not person]
    firms = [cell for cell in lines if _FIRMS.search(cell.text)]
    events = [cell for cell in lines if _EVENTS.search(cell.text)]
    rest = [cell for cell in lines if cell not in firms and cell not in events]
    if "event" not in asked or events:
        return (rest if len(rest) == 1 else (), ())
    above = [cell for cell in rest if cell.line < person.line]
    below = [cell for cell in rest if cell.line > person.line]
    company = firms[:1] if len(firms) == 1 else below if len(below) == 1 and not firms else ()
    return company, _headline(above) if company or "company" not in asked else ()


def _headline(above: Sequence[Cell]) -> Sequence[Cell]:
    """The largest line above the person, with the lines next to it that are as large."""
    tallest = max(above, key=lambda cell: cell.height, default=None)
    if tallest is None:
        return ()
    large = [cell for cell in above if cell.height >= _ALIKE * tallest.height]
    run = large[-1].line - large[0].line == len(large) - 1
    return large if run else ()
