"""The bytes of a request, with media spliced in, and the view of an answer."""

from __future__ import annotations

import json
import pickle
import random
from pathlib import Path

import pytest

from instructor import Image
from instructor.drivers.body import Body
from instructor.drivers.view import View
from instructor.errors import MessageError
from instructor.media import Inline, materialised, reads_files

PNG = b"\x89PNG\r\n\x1a\n" + random.Random(1).randbytes(1_000_000)


def wire(image: Image) -> dict[str, object]:
    leaf = Inline(image, "data:image/png;base64,")
    return {"model": "m", "parts": [{"text": 'quotes " and \\ and é 🧁'}, {"url": leaf}, {"again": leaf}], "n": None}


@pytest.fixture
def image(tmp_path: Path) -> Image:
    (tmp_path / "p.png").write_bytes(PNG)
    return Image.from_path(tmp_path / "p.png")


def test_the_body_is_the_json_of_the_materialised_wire(image: Image) -> None:
    for value in (image, Image.from_bytes(PNG)):
        body = Body(wire(value))
        sent = b"".join(body)
        assert len(sent) == body.length
        assert json.loads(sent) == materialised(wire(value))
        assert b"".join(body) == sent


def test_a_file_is_sent_in_pieces_and_never_held(image: Image) -> None:
    body = Body(wire(image))
    assert body.streams
    assert max(map(len, body)) <= 256 * 1024
    assert image.encoded is None
    assert not Body(wire(Image.from_bytes(PNG))).streams


def test_whether_files_are_read(image: Image) -> None:
    assert reads_files(wire(image))
    assert not reads_files(wire(Image.from_bytes(PNG)))
    assert image.data
    assert not reads_files(wire(image))


def test_text_that_looks_like_a_mark_stays_text(image: Image) -> None:
    value = {"a": "0123456789abcdef:0:", "b": Inline(image)}
    assert json.loads(b"".join(Body(value)))["a"] == "0123456789abcdef:0:"


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ({"x": float("nan")}, "cannot be written as JSON"),
        ({"x": object()}, "a object is not JSON"),
        ({"x": "\ud800"}, "lone surrogate"),
        ({"x": {1, 2}}, "a set is not JSON"),
        ({"x": b"bytes"}, "a bytes is not JSON"),
    ],
)
def test_what_is_not_json(value: dict[str, object], words: str) -> None:
    with pytest.raises(MessageError, match=words):
        Body(value)


def test_view() -> None:
    view = View({"id": "1", "usage": {"input_tokens": 3}, "content": [{"text": "hi"}], "items": 5})
    assert view.usage.input_tokens == view["usage"]["input_tokens"] == 3
    assert view.content[0].text == "hi"
    assert view["items"] == 5
    assert (list(view), len(view)) == (["id", "usage", "content", "items"], 4)
    assert view.model_dump()["content"] == [{"text": "hi"}]
    assert pickle.loads(pickle.dumps(view)) == view
    with pytest.raises(AttributeError, match="the answer has no 'choices': it has id, usage"):
        _ = view.choices
    with pytest.raises(AttributeError):
        view.id = "2"
