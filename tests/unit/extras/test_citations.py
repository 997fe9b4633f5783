"""Quotes that stand in the source are kept, in its own words; others are left out."""

from __future__ import annotations

import random
import time
from typing import ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict

import instructor
from instructor import CitationMixin
from instructor.extras.citations import nearest
from instructor.testing import Loopback

SOURCE = "Betty was a student.  Jason\n was a student. Jason is 20 years old (he says)."


class Fact(CitationMixin):
    fact: str = ""


class Lenient(Fact):
    quote_typos = 3


def kept(*quotes: str, source: str = SOURCE, of: type[Fact] = Fact) -> list[str]:
    return of.model_validate({"substring_quotes": quotes}, context={"context": source}).substring_quotes


@pytest.mark.parametrize(
    ("quote", "expected"),
    [
        ("Jason is 20", ["Jason is 20"]),
        ("  Jason is 20\n", ["Jason is 20"]),
        ("Jason was a student", ["Jason\n was a student"]),
        ("student. Jason was", ["student.  Jason\n was"]),
        ("old (he says).", ["old (he says)."]),
        ("jason is 20", []),
        ("Jason is 21", []),
        ("", []),
        (" \n", []),
    ],
)
def test_a_quote(quote: str, expected: list[str]) -> None:
    assert kept(quote) == expected


def test_order_and_repetition_stay() -> None:
    assert kept("20", "nowhere", "Betty", "20") == ["20", "Betty", "20"]


@pytest.mark.parametrize("context", [None, {}, {"other": SOURCE}, {"context": None}])
def test_without_a_source_quotes_stay_as_they_are(context: dict[str, str] | None) -> None:
    fact = Fact.model_validate({"substring_quotes": ["anything"]}, context=context)
    assert fact.substring_quotes == ["anything"]


def test_a_source_that_is_no_text_is_not_the_models_fault() -> None:
    with pytest.raises(TypeError, match=r'context\["context"\], a string, not list'):
        Fact.model_validate({"substring_quotes": ["x"]}, context={"context": [SOURCE]})


def test_spans() -> None:
    fact = Fact(substring_quotes=["Jason was a student", "nowhere", "Betty"])
    spans = list(fact.get_spans(SOURCE))
    assert [SOURCE[start:end] for start, end in spans] == ["Jason\n was a student", "Betty"]


def test_models_that_are_frozen_or_validate_assignments() -> None:
    class Frozen(Fact):
        model_config = ConfigDict(frozen=True)

    class Assigned(Fact):
        model_config = ConfigDict(validate_assignment=True)

    assert kept("Betty", "nowhere", of=Frozen) == kept("Betty", "nowhere", of=Assigned) == ["Betty"]


def test_in_a_list_of_facts_through_a_client() -> None:
    class Facts(BaseModel):
        facts: list[Fact]

    with (
        Loopback() as server,
        instructor.from_provider("openai/gpt-4o-mini", base_url=server.openai_url, api_key="any") as client,
    ):
        server.reply({"facts": [{"substring_quotes": ["Jason is 20", "Jason is 30"], "fact": "age"}]})
        facts = client.create(Facts, "Who is Jason?", context={"context": SOURCE})
    assert facts.facts[0].substring_quotes == ["Jason is 20"]


@given(st.text(alphabet="ab \n.", min_size=1), st.data())
def test_any_piece_of_a_source_is_found_in_other_white_space(source: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(source)))
    end = data.draw(st.integers(start, len(source)))
    quote = " \n ".join(source[start:end].split())
    found = kept(quote, source=source)
    assert [" ".join(text.split()) for text in found] == ([" ".join(quote.split())] if quote else [])
    assert all(text in source for text in found)


# ── with differences ─────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("quote", "expected"),
    [
        ("Jason is 2O years", ["Jason is 20 years"]),
        ("Jason was a studnt", ["Jason\n was a student"]),
        ("Jason is 200 years old", ["Jason is 20 years old"]),
        ("Jasn s 2O yers old", []),
        ("B3tt", []),
    ],
    ids=["changed", "left-out", "added", "too-many", "too-short"],
)
def test_a_quote_with_typos(quote: str, expected: list[str]) -> None:
    assert kept(quote, of=Lenient) == expected
    assert kept(quote) == []


def test_more_than_ten_typos_are_never_allowed() -> None:
    class Careless(Fact):
        quote_typos: ClassVar[int] = 1_000

    word = "abcdefghij" * 10
    assert kept(word.replace("a", "x"), source=word, of=Careless) == [word]
    assert kept(word.replace("a", "x").replace("e", "y"), source=word, of=Careless) == []


def distance(left: str, right: str) -> int:
    row = list(range(len(right) + 1))
    for i, one in enumerate(left, 1):
        before, row[0] = row[0], i
        for j, other in enumerate(right, 1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (one != other))
    return row[-1]


@given(st.text("abc", max_size=25), st.text("abc", min_size=5, max_size=20), st.integers(1, 4))
def test_the_nearest_is_as_near_as_a_table_of_distances_says(text: str, quote: str, most: int) -> None:
    most = min(most, len(quote) // 5)
    best = min(distance(quote, text[i:j]) for i in range(len(text) + 1) for j in range(i, len(text) + 1))
    span = nearest(quote, text, most)
    if best > most:
        assert span is None
    elif span is not None:  # only so many places are looked at, and such texts have many
        assert distance(quote, text[slice(*span)]) <= most


@given(st.text("abcdefghijklmnop ", min_size=20, max_size=60), st.data())
def test_a_text_with_one_typo_is_found(quote: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(quote) - 1))
    span = nearest(quote, f"0123{quote[:at]}#{quote[at + 1 :]}4567", 1)
    assert span is not None
    assert distance(quote, f"0123{quote[:at]}#{quote[at + 1 :]}4567"[slice(*span)]) == 1


def test_long_sources_cost_little() -> None:
    words = "the a of and in is it for was on as with".split()
    chance = random.Random(1)
    source = "  ".join(chance.choice(words) for _ in range(200_000))
    quotes = [" ".join(chance.choice(words) for _ in range(100)) for _ in range(20)]
    began = time.process_time()
    kept(*quotes, source=source, of=Lenient)
    kept("a " * 5_000 + "b", source="a " * 500_000, of=Lenient)
    assert time.process_time() - began < 10
