"""Server-sent events: any chunking gives the same events, and they are what was written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from instructor.drivers.sse import Event, EventParser

LINE_END = st.sampled_from(["\n", "\r\n", "\r"])
TEXT = st.text(st.characters(exclude_characters="\r\n\ufeff", exclude_categories=["Cs"]), max_size=30)
NAME = st.sampled_from(["", "message_start", "error"])
EVENTS = st.lists(st.tuples(NAME, st.lists(TEXT, min_size=1, max_size=3)), max_size=5)


def parse(stream: bytes, cuts: list[int]) -> list[Event]:
    parser, events, last = EventParser(), [], 0
    for cut in [*sorted({min(cut, len(stream)) for cut in cuts}), len(stream)]:
        events += parser.feed(stream[last:cut])
        last = cut
    return events + parser.close()


@given(EVENTS, LINE_END, st.booleans(), st.booleans(), st.lists(st.integers(0, 400), max_size=8))
def test_any_chunking(events: list[tuple[str, list[str]]], end: str, spaced: bool, bom: bool, cuts: list[int]) -> None:
    gap = " " if spaced else ""
    lines = ["\ufeff" if bom else "", ": a comment", end]
    for name, data in events:
        lines += [f"event:{gap}{name}{end}"] if name else []
        lines += [f"id: 7{end}", f": ping{end}"]
        lines += [f"data:{gap if gap or not part.startswith(' ') else ' '}{part}{end}" for part in data]
        lines += [end]
    stream = "".join(lines).encode()
    expected = [Event("\n".join(data), name) for name, data in events]
    assert parse(stream, []) == expected
    assert parse(stream, cuts) == expected
    assert parse(stream, list(range(len(stream)))) == expected


@pytest.mark.parametrize(
    ("stream", "events"),
    [
        (b"", []),
        (b"\n\n\n", []),
        (b"event: x\n\ndata: y\n\n", [Event("y")]),
        (b"data: [DONE]", [Event("[DONE]")]),
        (b"data\n\n", [Event("")]),
        (b"retry: 3\nunknown: 4\n\n", []),
    ],
)
def test_edges(stream: bytes, events: list[Event]) -> None:
    assert parse(stream, []) == events


def test_a_long_line_in_many_pieces_is_joined_once() -> None:
    parser = EventParser()
    for _ in range(20_000):
        assert parser.feed(b"data: " if not parser._pieces else b"xxxxxxxxxx") == []
    (event,) = parser.feed(b"\n\n")
    assert len(event.data) == 199_990
