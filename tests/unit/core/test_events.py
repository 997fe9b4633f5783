"""Events as values: what handlers get of them, and by which names."""

from __future__ import annotations

import dataclasses
import io
from typing import Any

import pytest
from PIL import Image as Pillow

from instructor import HookName, Hooks, Image
from instructor.errors import ConfigurationError
from instructor.events import EVENTS, Completed, Event, RequestSent, Started, elided
from instructor.media import Inline


def picture() -> Image:
    stream = io.BytesIO()
    Pillow.new("RGB", (9, 9), "red").save(stream, "PNG")
    return Image.from_bytes(stream.getvalue())


def test_every_event_has_a_name_of_its_own_and_is_frozen() -> None:
    names = [kind.name for kind in EVENTS]
    assert len(set(names)) == len(names)
    assert {HookName(name) for name in names} == set(HookName) - {HookName.EVENT}
    for kind in EVENTS:
        assert kind.__doc__
        assert dataclasses.fields(kind)
        assert kind.__dataclass_params__.frozen  # type: ignore[attr-defined]


def test_media_in_requests_are_named() -> None:
    medium = picture()
    wire = {
        "inline": [Inline(medium, "data:image/png;base64,")],
        "medium": medium,
        "bytes": {"data": b"\0" * 1000},
        "spelled": "data:image/png;base64," + "A" * 1000,
        "text": "data: this is not a picture",
    }
    assert elided(wire) == {
        "inline": [f"data:image/png;base64,<image/png, {medium.size} bytes>"],
        "medium": f"Image(image/png, {medium.size} bytes)",
        "bytes": {"data": "<1,000 bytes>"},
        "spelled": "data:image/png;base64,<1,000 characters>",
        "text": "data: this is not a picture",
    }
    told = RequestSent(wire=wire).told(call="c", elapsed=1.0)
    assert (told.wire, told.call, told.elapsed) == (elided(wire), "c", 1.0)


def test_nothing_is_made_for_nobody() -> None:
    class Dear(Started):
        def told(self, **known: Any) -> Any:
            raise AssertionError("nobody listens")

    hooks = Hooks({Completed: print})
    assert not hooks.heard(Dear)
    assert hooks.heard(Completed)
    assert not Hooks().heard(Completed)
    for name in (Event, "event", "completion:start", HookName.COMPLETION_START, Started):
        assert Hooks({name: print}).heard(Started)


def test_an_unknown_class_or_name() -> None:
    with pytest.raises(ConfigurationError, match="there is no event <class 'int'>"):
        Hooks().on(int, print)  # type: ignore[arg-type]
    with pytest.raises(ConfigurationError, match=r"the classes of instructor\.events"):
        Hooks().on("completion:begun", print)
