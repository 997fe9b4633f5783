"""Which printed words name which property.

    name, title, aliases, description ──▶ Label … ─┐                        ┌─ exact
    concepts.CONCEPTS (synonyms) ──────▶ Label … ──┴─▶ LabelIndex.find(text)├─ same words in another order
                                                                            ├─ some of the words
                                                                            └─ nearly the same letters (rapidfuzz)

Labels are compared as keys: lower case, letters and digits only, and the digits that OCR puts for letters folded onto
them, so that `Tota1 Due:` and `TotalDue` are one key.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import field
from functools import lru_cache

from ....values import dataclass
from .concepts import CONCEPTS, ENDINGS, SAME_TOKEN, STOP, TAILS, WEAK

_FOLD = str.maketrans({"0": "o", "1": "l", "i": "l", "|": "l", "!": "l", "5": "s", "8": "b"})
_SPELLED = {"#": "no", "№": "no", "%": "percent", "&": "and"}
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_TOKEN = re.compile(r"[^\W_]+|[#№%&]")
_CUT = re.compile(
    r"\s*(?:[(\[;:.,–—]|\be\.?g\b|\bi\.?e\b|\bsuch as\b|\bif\b|\bwhen\b|\bas (?:shown|printed|written)\b)"
)
_ARTICLES = re.compile(r"^(?:the|a|an|name of|number of|this|your|full|any|list of|all)\s+", re.IGNORECASE)
STRICT, LOOSE = 82.0, 70.0


@dataclass(frozen=True, slots=True)
class Label:
    """A phrase that may name a property; `weight` says how surely (0 … 1)."""

    text: str
    weight: float


@dataclass(frozen=True, slots=True)
class Match:
    """Slots named by a printed label, with the score of each; none for a label of something not asked for."""

    key: str
    quality: float
    slots: tuple[tuple[int, float], ...]
    partial: bool = False


@lru_cache(maxsize=4096)
def fold(text: str) -> tuple[str, tuple[int, ...]]:
    """The key of `text`, and for each of its characters the place in `text` where it stands."""
    letters: list[str] = []
    places: list[int] = []
    for place, char in enumerate(text):
        spelled = _SPELLED.get(char)
        if spelled is None:
            if not (char.isalnum() or char in "|!"):
                continue
            plain = unicodedata.normalize("NFKD", char.lower())
            spelled = "".join(one for one in plain if one.isalnum() or one in "|!")
        folded = spelled.translate(_FOLD)
        letters.append(folded)
        places.extend([place] * len(folded))
    return "".join(letters), tuple(places)


def key_of(text: str) -> str:
    """The key of `text`."""
    return fold(text)[0]


def words(name: str) -> str:
    """A property name as words: `invoiceNumber`, `invoice_number` → `invoice number`."""
    return " ".join(_CAMEL.sub(" ", name).replace("_", " ").replace("-", " ").lower().split())


@lru_cache(maxsize=4096)
def tokens(text: str) -> frozenset[str]:
    """The telling words of `text`, abbreviations written out, and "on" or "at" at its end as the date it stands for."""
    found = _tokens(text)
    last = [TAILS[found[-1]]] if len(found) > 1 and found[-1] in TAILS else []
    return frozenset(SAME_TOKEN.get(token, token) for token in (*found, *last) if token not in STOP)


def _tokens(text: str) -> list[str]:
    return [_SPELLED.get(token, token) for token in map(str, _TOKEN.findall(words(text)))]


def head(name: str) -> str:
    """The noun a name is about, its last word: `reference_range` is a range, `order_ref` a reference."""
    found = [token for token in _tokens(name) if not token.isdigit()]
    return SAME_TOKEN.get(found[-1], found[-1]) if found else ""


def phrases(description: str) -> list[str]:
    """The short phrases of a description that may be printed as a label: "The invoice number, e.g. X" → that noun."""
    found: list[str] = []
    for part in re.split(r"\s+or\s+|[;/]", description)[:4]:
        phrase = _CUT.split(part.strip(), maxsplit=1)[0].strip()
        for text in (phrase, _ARTICLES.sub("", phrase)):
            if text and len(text.split()) <= 5 and text not in found:
                found.append(text)
    return found


def synonyms(name: str, table: Mapping[str, str] = CONCEPTS) -> list[Label]:
    """The other names of every concept that has `name`, the usual ones first; a late name brings less."""
    key = key_of(name)
    found: list[Label] = []
    for names in _table(table).values():
        if key in names[0]:
            rank = names[0].index(key)
            base = 0.94 if rank < 12 else 0.8
            found += [Label(text, max(base - 0.01 * i, 0.7)) for i, text in enumerate(names[1]) if i != rank]
    return found


def concepts_of(name: str, table: Mapping[str, str] = CONCEPTS) -> frozenset[str]:
    """The concepts that go by `name`."""
    key = key_of(name)
    return frozenset(concept for concept, names in _table(table).items() if key in names[0])


def _table(table: Mapping[str, str]) -> dict[str, tuple[list[str], list[str]]]:
    return _split(tuple(table.items()))


@lru_cache(maxsize=8)
def _split(rows: tuple[tuple[str, str], ...]) -> dict[str, tuple[list[str], list[str]]]:
    split = {concept: [name.strip() for name in names.split(",")] for concept, names in rows}
    return {concept: ([key_of(name) for name in names], names) for concept, names in split.items()}


@dataclass(frozen=True, slots=True)
class LabelIndex:
    """Labels of all slots by key, and how far a printed label may differ from them."""

    by_key: Mapping[str, tuple[tuple[int, float], ...]]
    bags: Mapping[frozenset[str], tuple[tuple[int, float], ...]]
    lengths: tuple[int, ...]
    threshold: float
    known: frozenset[str]
    choices: tuple[str, ...]
    _memo: dict[str, Match | None] = field(default_factory=dict[str, Match | None], compare=False)

    def find(self, text: str) -> Match | None:
        """The label printed as `text`, if it is one, surely or not."""
        return self.sure(text) or self.guess(text)

    def sure(self, text: str) -> Match | None:
        """The label with the same letters, or with the same telling words."""
        key = key_of(text)
        if not key:
            return None
        exact = self.exact(key)
        slots = self.bags.get(tokens(text)) if exact is None or not exact.slots else None
        return exact if slots is None else Match(key, 0.97, slots)

    def guess(self, text: str) -> Match | None:
        """The label with nearly the same letters, or with some of the same words."""
        key = key_of(text)
        if not key or len(key) > 48:
            return None
        if text not in self._memo:
            near = self._nearly(key)
            self._memo[text] = near if near and _ends_alike(text, near.key) else self._partly(key, tokens(text))
        return self._memo[text]

    def exact(self, key: str) -> Match | None:
        """The label with exactly this key."""
        if key in self.by_key:
            return Match(key, 1.0, self.by_key[key])
        return Match(key, 1.0, ()) if key in self.known else None

    def _nearly(self, key: str) -> Match | None:
        """The label with nearly the same letters; short ones must be exact."""
        if len(key) < 4:
            return None
        from rapidfuzz import fuzz, process

        best = process.extractOne(key, self.choices, scorer=fuzz.ratio, score_cutoff=self.threshold)
        if best is None:
            return None
        found = self.exact(best[0])
        return None if found is None else Match(found.key, best[1] / 100, found.slots)

    def _partly(self, key: str, bag: frozenset[str]) -> Match | None:
        """Slots that share telling words with the label, where one side has all words of the other."""
        if len(bag) > 5:
            return None
        shared: dict[int, float] = {}
        for own, slots in self.bags.items():
            common = own & bag
            if not common - WEAK or not (own <= bag or bag <= own):
                continue
            share = 0.55 + 0.3 * len(common) / max(len(own), len(bag))
            for slot, weight in slots:
                if weight >= 0.85:
                    shared[slot] = max(shared.get(slot, 0.0), share * weight)
        return Match(key, 1.0, tuple(shared.items()), partial=True) if shared else None


def _ends_alike(text: str, key: str) -> bool:
    """Whether a label keeps its last word where that decides: "issued by" is not nearly "issued on"."""
    last = _tokens(text)[-1:]
    return not last or last[0] not in ENDINGS or key.endswith(last[0])


def index_labels(labels: Iterable[Iterable[Label]], round: int = 0, table: Mapping[str, str] = CONCEPTS) -> LabelIndex:
    """The index of the labels of slots 0, 1, 2, …; a later round tolerates more."""
    by_key: dict[str, dict[int, float]] = {}
    bags: dict[frozenset[str], dict[int, float]] = {}
    for slot, listed in enumerate(labels):
        for label in listed:
            _keep(by_key.setdefault(key_of(label.text), {}), slot, label.weight)
            bag = tokens(label.text)
            if bag - WEAK:
                _keep(bags.setdefault(bag, {}), slot, label.weight)
    by_key.pop("", None)
    known = frozenset(key for names in _table(table).values() for key in names[0]) - by_key.keys()
    return LabelIndex(
        {key: tuple(slots.items()) for key, slots in by_key.items()},
        {bag: tuple(slots.items()) for bag, slots in bags.items()},
        tuple(sorted({len(key) for key in (*by_key, *known)}, reverse=True)),
        STRICT if round == 0 else LOOSE,
        known,
        tuple(key for key in (*by_key, *known) if len(key) >= 4),
    )


def _keep(slots: dict[int, float], slot: int, weight: float) -> None:
    slots[slot] = max(slots.get(slot, 0.0), weight)
