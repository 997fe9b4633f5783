"""The scalar leaves of a shape, each with the labels and the kind of text it looks for.

    object ── name: text               Slot(path=("name",),               labels="name", "full name" …)
           └─ customer ── city: text   Slot(path=("customer", "city"),    labels="customer city", "city" …, party="customer")

All leaves of nested objects stand in one list, so that a printed value goes to the one that fits it best.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace

from ....values import dataclass
from .concepts import CONCEPTS, ESTABLISHMENTS, LONG_TEXT
from .labels import Label, concepts_of, head, key_of, phrases, synonyms, tokens, words
from .shape import NESTED, NUMERIC, Shape

_ROLES: dict[str, str] = {
    "phone": "phone", "fax": "phone", "email": "email", "website": "url", "currency": "currency",
    "invoice_number": "identifier", "order_number": "identifier", "purchase_order": "identifier",
    "receipt_number": "identifier", "customer_number": "identifier", "account_number": "identifier",
    "vat_id": "identifier", "zip": "identifier", "iban": "identifier", "sku": "identifier",
    "name": "person", "first_name": "person", "last_name": "person", "vendor": "person", "customer": "person",
    "company": "person", "item": "person",
    "payment_method": "worded", "gender": "worded", "nationality": "worded", "terms": "worded", "country": "worded",
    "job": "worded", "department": "worded",
}  # fmt: skip
_MONEY = frozenset(
    {"total", "subtotal", "tax", "tip", "service", "discount", "shipping", "change", "tendered", "deposit"}
)
_MONEY_WORDS = frozenset("price cost fee amount salary income fare charge pay budget value rent toll".split())
_WORDED = frozenset("method type status category mode kind level priority severity".split())
_NUMBERED = frozenset({"no", "id", "code", "plate", "iban", "sku", "reference"})
_PARTIES = ("vendor", "customer", "ship_to")
_PARTY_LEAVES = frozenset(
    "name address email phone street city zip state country company contact website postcode postal_code".split()
)
_DETAIL = frozenset({"address", "street", "city", "state", "zip", "country", "phone", "email", "website", "fax"})


@dataclass(frozen=True, slots=True)
class Slot:
    """One scalar to fill."""

    path: tuple[str, ...]
    shape: Shape
    labels: tuple[Label, ...]
    concepts: frozenset[str]
    role: str = ""
    party: str = ""
    leaf: str = ""

    @property
    def name(self) -> str:
        """Of the property."""
        return self.path[-1] if self.path else ""

    @property
    def money(self) -> bool:
        """Whether an amount of money is looked for."""
        return self.role == "money"


def slots_of(shape: Shape) -> list[Slot]:
    """A slot for each scalar under `shape`, those of nested objects too."""
    leaves = list(_leaves(shape, ()))
    # A name that stands in several objects belongs to the one that must be there.
    counts = Counter(path[-1] for path, _, parents in leaves if path and _must(parents))
    made = [
        _slot(path, leaf, parents, counts[path[-1]] if path and _must(parents) else 2) for path, leaf, parents in leaves
    ]
    if not any("name" in concepts_of(words(slot.name)) and not slot.party for slot in made):
        return made
    # Where a person is asked for, the company is that person's, not the one that heads the document.
    return [replace(one, party="", leaf="") if "company" in concepts_of(words(one.name)) else one for one in made]


def _must(parents: tuple[Shape, ...]) -> bool:
    return all(parent.required for parent in parents if parent.name)


def _leaves(
    shape: Shape, path: tuple[str, ...], parents: tuple[Shape, ...] = ()
) -> Iterator[tuple[tuple[str, ...], Shape, tuple[Shape, ...]]]:
    if shape.kind == "object":
        for child in shape.fields:
            yield from _leaves(child, (*path, child.name), (*parents, shape))
    elif shape.kind not in NESTED:
        yield path, shape, parents


def names_of(shape: Shape) -> list[Label]:
    """The names a property gives itself: name, title, aliases, and the nouns of its description."""
    own = [Label(words(shape.name), 1.0), *(Label(alias, 1.0) for alias in shape.aliases)]
    if shape.title and key_of(shape.title) != key_of(shape.name):
        own.append(Label(words(shape.title), 0.99))
    described = [] if is_long_text(shape) else phrases(shape.description)
    return [label for label in (*own, *(Label(text, 0.96) for text in described)) if label.text]


def is_long_text(shape: Shape) -> bool:
    """Whether a property is free text about the whole medium."""
    name = re.sub(r"[\s-]", "_", words(shape.name))
    return shape.kind in ("text", "any") and name in LONG_TEXT


def concepts_for(shape: Shape, table: Mapping[str, str] = CONCEPTS) -> frozenset[str]:
    """The concepts a property stands for, by any of its own names."""
    return frozenset[str]().union(*(concepts_of(label.text, table) for label in names_of(shape)))


def labels_for(shape: Shape, table: Mapping[str, str] = CONCEPTS) -> list[Label]:
    """Own names and their synonyms, the best weight of each."""
    best: dict[str, Label] = {}
    own = names_of(shape)
    for label in (*own, *(synonym for name in own for synonym in synonyms(name.text, table))):
        key = key_of(label.text)
        if key and (key not in best or best[key].weight < label.weight):
            best[key] = label
    return list(best.values())


def role_of(shape: Shape, concepts: frozenset[str]) -> str:
    """What a value must look like, by what the property is called."""
    own = tokens(shape.name) | tokens(shape.title)
    if shape.kind in NUMERIC:
        return "money" if concepts & _MONEY or own & _MONEY_WORDS or shape.kind == "decimal" else ""
    if shape.kind != "text":
        return ""
    for concept, role in _ROLES.items():
        if concept in concepts:
            return role
    heads = {head(shape.name), head(shape.title)}
    if heads & _NUMBERED and len(own) > 1:
        return "identifier"
    someone = "by" in heads and "due_date" not in concepts
    return "worded" if heads & _WORDED else "person" if someone else ""


def _slot(path: tuple[str, ...], shape: Shape, parents: tuple[Shape, ...], twins: int) -> Slot:
    context = [parent for parent in parents if parent.name]
    party, leaf = _party(shape, context)
    concepts = concepts_for(shape)
    labels = {key_of(label.text): label for label in labels_for(shape)} if shape.name else {}
    if context:
        faint = 0.45 if twins > 1 else 0.9
        labels = {key: Label(label.text, label.weight * faint) for key, label in labels.items()}
        for parent in context:
            text = f"{words(parent.name)} {words(shape.name)}"
            labels[key_of(text)] = Label(text, 1.0)
    if party and leaf in ("name", "company"):
        for label in (*(synonyms(party.replace("_", " "))), Label(party.replace("_", " "), 0.9)):
            labels.setdefault(key_of(label.text), Label(label.text, min(label.weight, 0.9)))
        concepts |= {party}
    if party and leaf and not context:
        text = words(shape.name)
        labels[key_of(text)] = Label(text, 1.0)
    return Slot(path, shape, tuple(labels.values()), concepts, role_of(shape, concepts), party, leaf)


def _party(shape: Shape, context: list[Shape]) -> tuple[str, str]:
    """Whose property it is and which: `customer.address` and `customer_address` are (customer, address)."""
    name = re.sub(r"[\s-]", "_", words(shape.name))
    for parent in context:
        for party in _PARTIES:
            if party in concepts_for(parent):
                return party, _leaf(name)
    head, _, tail = name.rpartition("_")
    for party in _PARTIES:
        if head and tail in _PARTY_LEAVES and party in concepts_of(words(head)):
            return party, _leaf(tail)
    for party in ("vendor", "customer", "ship_to"):
        if party in concepts_of(words(name)) and "name" not in concepts_of(words(name)):
            return party, "name"
    if words(name) in ESTABLISHMENTS:
        return "vendor", "name"
    found = concepts_of(words(name)) & _DETAIL
    return ("", next(iter(found))) if found else ("", "")


def _leaf(name: str) -> str:
    found = sorted(concepts_of(words(name)) & (_DETAIL | {"name", "company"}))
    return found[0] if found else name
