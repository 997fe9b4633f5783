"""Plain text, Markdown, CSV and JSON."""

from __future__ import annotations

import pytest

from instructor.providers.embedded.read import Unreadable, read
from instructor.providers.embedded.reading import Row


def rows(text: str | bytes, kind: str) -> tuple[Row, ...]:
    return read(text if isinstance(text, bytes) else text.encode(), kind).rows


def cells(text: str | bytes, kind: str) -> list[list[str]]:
    return [[word.text for word in row.words] for row in rows(text, kind)]


def test_lines_are_rows_and_gaps_part_cells() -> None:
    text = "Name: Maria Lopez\n\nTotal    $12.50\tpaid\n"
    assert cells(text, "text/plain; charset=utf-8") == [["Name: Maria Lopez"], ["Total", "$12.50", "paid"]]
    total = rows(text, "text/plain")[1].words
    assert total[1].box == (9.0, 2.0, 15.0, 3.0)


def test_markdown_tables_lose_their_bars_and_rules() -> None:
    text = "# Order\n| item | price |\n|:-----|------:|\n| tea  | 1.00  |\n---\n"
    assert cells(text, "text/markdown") == [["# Order"], ["item", "price"], ["tea", "1.00"], ["---"]]


def test_csv_fields_are_cells_in_columns() -> None:
    text = 'item,qty,price\n"Tea, green",2,1.00\nCake,,3.50\n'
    assert cells(text, "text/csv") == [["item", "qty", "price"], ["Tea, green", "2", "1.00"], ["Cake", "3.50"]]
    head, _, cake = rows(text, "text/csv")
    assert cake.words[1].box[0] == head.words[2].box[0]  # under "price", though "qty" is empty
    assert cells("a;b\n1;2,5\n", "text/csv") == [["a", "b"], ["1", "2,5"]]
    assert cells("a\tb\n1\t2\n", "text/tab-separated-values") == [["a", "b"], ["1", "2"]]


def test_json_objects_are_labels_and_values_and_lists_of_them_tables() -> None:
    text = """
        {"name": "Jason", "address": {"city": "Rome"}, "age": 20, "tags": ["a", "b"],
         "lines": [{"x": 1}, {"x": 2, "y": null}]}
    """
    assert cells(text, "application/json") == [
        ["name", "Jason"],
        ["address city", "Rome"],
        ["age", "20"],
        ["tags", "a, b"],
        ["lines"],
        ["x", "y"],
        ["1"],
        ["2"],
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32", "cp1252"])
def test_encodings(encoding: str) -> None:
    assert cells("Café: 3 €".encode(encoding), "text/plain") == [["Café: 3 €"]]


@pytest.mark.parametrize(
    ("data", "kind", "sentence"),
    [
        (b" \n", "text/plain", "text is empty"),
        (b"a\x00b", "text/plain", "not text"),
        (b"\xff\xfea", "text/plain", "utf-16"),
        (b"{", "application/json", "JSON cannot be parsed"),
        (b"[" * 200_000, "application/json", "JSON cannot be parsed"),
        (b"a," + b"b" * 140_000 + b"\n", "text/csv", "CSV cannot be parsed"),
        (b"x", "video/mp4", "does not take video/mp4"),
        (b"x", "", "without a type"),
    ],
)
def test_unreadable_texts_and_types(data: bytes, kind: str, sentence: str) -> None:
    with pytest.raises(Unreadable, match=sentence):
        read(data, kind)


def test_an_unreadable_medium_is_a_value_error_and_names_the_file() -> None:
    with pytest.raises(ValueError, match=r"^notes\.txt: the text is empty$"):
        read(b"", "text/plain", name="notes.txt")
