"""The parsers of Amazon's event stream and of lines of JSON: any chunking, any content, any damage."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

import pytest
from botocore.eventstream import EventStreamBuffer
from hypothesis import given, settings
from hypothesis import strategies as st

from instructor.drivers.aws import Frames
from instructor.drivers.ndjson import Lines
from instructor.errors import ConnectionFailed, ProtocolError, ProviderError
from instructor.testing.bedrock_converse import frame

VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
PAYLOADS = st.dictionaries(st.text(max_size=8), VALUES, max_size=4)
EVENTS = st.lists(st.tuples(st.from_regex(r"[a-zA-Z]{1,20}", fullmatch=True), PAYLOADS), max_size=6)
CUTS = st.lists(st.integers(0, 4000), max_size=12)


def pieces(data: bytes, cuts: list[int]) -> list[bytes]:
    places = sorted({0, len(data), *(cut for cut in cuts if cut < len(data))})
    return [data[start:end] for start, end in pairwise(places)]


def fed(parser: Frames | Lines, parts: list[bytes]) -> list[Any]:
    found = [event for part in parts for event in parser.feed(part)]
    return [*found, *parser.rest()]


@settings(max_examples=40)
@given(EVENTS, CUTS)
def test_frames_in_any_pieces(events: list[tuple[str, Any]], cuts: list[int]) -> None:
    data = b"".join(frame(kind, payload) for kind, payload in events)
    parser = Frames("bedrock")
    assert fed(parser, pieces(data, cuts)) == [{kind: payload} for kind, payload in events]
    assert parser.ended


@settings(max_examples=40)
@given(EVENTS)
def test_frames_are_those_that_botocore_reads(events: list[tuple[str, Any]]) -> None:
    data = b"".join(frame(kind, payload) for kind, payload in events)
    theirs = EventStreamBuffer()
    theirs.add_data(data)
    read = [{message.headers[":event-type"]: json.loads(message.payload)} for message in theirs]
    assert fed(Frames("bedrock"), [data]) == read


@settings(max_examples=40)
@given(EVENTS.filter(bool), st.data())
def test_a_damaged_byte_is_noticed(events: list[tuple[str, Any]], data: st.DataObject) -> None:
    whole = bytearray(b"".join(frame(kind, payload) for kind, payload in events))
    place = data.draw(st.integers(0, len(whole) - 1))
    whole[place] ^= data.draw(st.integers(1, 255))
    with pytest.raises(ProviderError):
        fed(Frames("bedrock"), [bytes(whole)])


@settings(max_examples=40)
@given(EVENTS.filter(bool), st.data())
def test_a_cut_stream_is_noticed(events: list[tuple[str, Any]], data: st.DataObject) -> None:
    frames = [frame(kind, payload) for kind, payload in events]
    kept = data.draw(st.integers(1, len(frames[-1]) - 1))
    with pytest.raises(ConnectionFailed, match="inside a frame"):
        fed(Frames("bedrock"), [*frames[:-1], frames[-1][:kept]])


@settings(max_examples=40)
@given(st.binary(min_size=12, max_size=200))
def test_other_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(ProviderError):
        fed(Frames("bedrock"), [b"HTTP" + data])


def test_headers_of_every_type_are_stepped_over() -> None:
    from struct import pack
    from zlib import crc32

    def header(name: str, kind: int, value: bytes) -> bytes:
        return pack(">B", len(name)) + name.encode() + pack(">B", kind) + value

    headers = b"".join(
        (
            header("a", 0, b""),
            header("b", 1, b""),
            header("c", 2, bytes(1)),
            header("d", 3, bytes(2)),
            header("e", 4, bytes(4)),
            header("f", 5, bytes(8)),
            header("g", 6, pack(">H", 3) + b"xyz"),
            header("h", 8, bytes(8)),
            header("i", 9, bytes(16)),
            header(":message-type", 7, pack(">H", 5) + b"event"),
            header(":event-type", 7, pack(">H", 4) + b"kind"),
        )
    )
    prelude = pack(">II", 16 + len(headers) + 2, len(headers))
    data = prelude + pack(">I", crc32(prelude)) + headers + b"{}"
    data += pack(">I", crc32(data))
    assert Frames("x").feed(data) == [{"kind": {}}]


def test_exceptions_and_errors_are_events_of_their_name() -> None:
    assert Frames("x").feed(frame("throttlingException", {"message": "m"}, "exception")) == [
        {"throttlingException": {"message": "m"}}
    ]


def test_a_payload_that_is_not_json() -> None:
    from zlib import crc32

    good = frame("kind", {})
    body = good[:-6] + b"xx"
    with pytest.raises(ProtocolError, match="not JSON"):
        Frames("x").feed(body + crc32(body).to_bytes(4, "big"))


# ── lines ────────────────────────────────────────────────────────────────────────────────────────


@settings(max_examples=40)
@given(st.lists(PAYLOADS, max_size=6), CUTS, st.booleans(), st.booleans())
def test_lines_in_any_pieces(events: list[Any], cuts: list[int], ended: bool, returns: bool) -> None:
    gap = "\r\n" if returns else "\n"
    text = gap.join(json.dumps(event, ensure_ascii=False) for event in events) + (gap if ended else "")
    parser = Lines("ollama")
    assert fed(parser, pieces(text.encode("utf-8", "surrogatepass"), cuts)) == events
    assert parser.ended


@pytest.mark.parametrize("data", [b"[1]\n", b"nonsense\n", b"1\n", b"<html>\n", b"\xff\n"])
def test_a_line_that_is_no_object(data: bytes) -> None:
    with pytest.raises(ProtocolError, match="not a JSON object"):
        Lines("ollama").feed(data)


def test_a_cut_line() -> None:
    parser = Lines("ollama")
    assert parser.feed(b'{"a": 1}\n{"b": ') == [{"a": 1}]
    with pytest.raises(ConnectionFailed, match="inside a line"):
        parser.rest()


def test_blank_lines_are_passed_over() -> None:
    assert fed(Lines("ollama"), [b'\n{"a": 1}\n\n \n{"b": 2}\n']) == [{"a": 1}, {"b": 2}]
