"""Any JSON value is found in any prose, and no text makes the search fail in another way than by `ParseError`."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from instructor.errors import ParseError
from instructor.output import json_in

words = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
)
special = st.sampled_from(
    ["```", "```json\n{}\n```", "<think>", "</think>", '"', "\\", "{", "}]", "~~~", "\\u0041", "é😀"]
)
values = st.recursive(
    scalars | special,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(words | special, inner, max_size=4),
    max_leaves=12,
)
containers = st.lists(values, max_size=4) | st.dictionaries(words | special, values, max_size=4)
objects = st.dictionaries(words | special, values, min_size=1, max_size=4)
arrays = st.lists(objects, min_size=1, max_size=3)
prose = st.text(alphabet=st.characters(exclude_characters="{}[]<>`~", exclude_categories=["Cs"]), max_size=60)
dumped = st.sampled_from([{}, {"indent": 2}, {"separators": (",", ":")}, {"ensure_ascii": False}])
fences = st.sampled_from(["```", "```json", "````json", "~~~", "```JSON5 "])


@given(objects | arrays, dumped, prose, prose)
def test_found_in_prose(value: Any, style: dict[str, Any], before: str, after: str) -> None:
    answer = f"{before}{json.dumps(value, **style)}{after}"
    assert json.loads(json_in(answer)) == value


@given(containers, dumped, fences, prose, prose)
def test_found_in_a_fence(value: Any, style: dict[str, Any], fence: str, before: str, after: str) -> None:
    mark = fence.rstrip("jsonJSON5 ")
    answer = f"{before}\n{fence}\n{json.dumps(value, **style)}\n{mark}\n{after}"
    assert json.loads(json_in(answer)) == value


@given(objects, objects, prose, fences)
def test_the_fenced_value_is_preferred(value: Any, draft: Any, between: str, fence: str) -> None:
    answer = f"{json.dumps(draft)}{between}\n{fence}\n{json.dumps(value)}\n"
    assert json.loads(json_in(answer)) == value


@given(objects, objects, prose, st.sampled_from(["think", "thinking", "reasoning"]))
def test_thoughts_are_no_answer(value: Any, draft: Any, between: str, tag: str) -> None:
    thought = json.dumps(draft).replace("</", "")
    answer = f"<{tag}>{between}{thought}</{tag}>\n{between}{json.dumps(value)}"
    assert json.loads(json_in(answer)) == value


@given(values, dumped)
def test_a_whole_answer_is_taken_as_it_is(value: Any, style: dict[str, Any]) -> None:
    text = json.dumps(value, **style)
    assert json_in(f" {text}\n") == text


@given(objects | arrays, prose, st.data())
def test_a_cut_answer_is_never_taken_for_a_smaller_one(value: Any, before: str, data: st.DataObject) -> None:
    text = json.dumps(value)
    cut = data.draw(st.integers(1, len(text) - 1))
    with pytest.raises(ParseError):
        json_in(before + text[:cut])


pieces = st.sampled_from(
    ["{", "}", "[", "]", '"', "\\", ",", ":", "1", "a", " ", "\n", "```", "~~~", "json", "<think>", "</think>", "null"]
)


@given(st.lists(pieces, max_size=60).map("".join) | st.text())
def test_whatever_the_text_json_or_parse_error(text: str) -> None:
    with contextlib.suppress(ParseError):
        json.loads(json_in(text))
