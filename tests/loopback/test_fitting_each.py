"""A medium's own `fitting` goes before what the call and the client say."""

from __future__ import annotations

import io
import pickle

import PIL.Image
import pytest
from pydantic import BaseModel
from pydantic_core import PydanticSerializationError

import instructor
from instructor import Fit, Image, errors
from instructor.fit.dimensions import dimensions
from instructor.testing import Loopback


def picture(side: int, kind: str = "png") -> bytes:
    file = io.BytesIO()
    PIL.Image.new("RGB", (side, side // 2), "red").save(file, kind)
    return file.getvalue()


class Holder(BaseModel):
    image: Image


def sizes(server: Loopback) -> list[tuple[int, int]]:
    content = server.requests[-1].json["messages"][0]["content"]
    urls = [part["image_url"]["url"] for part in content if part["type"] == "image_url"]
    return [PIL.Image.open(io.BytesIO(instructor.Image.from_url(url).read())).size for url in urls]


def test_each_medium_its_own() -> None:
    wide = picture(400)
    with Loopback() as server:
        client = instructor.from_provider(
            "openai/gpt-4o-mini", api_key="any", base_url=server.openai_url, fit=Fit(max_side=100)
        )
        with client:
            own = Image.from_bytes(wide, fitting=Fit(max_side=200))
            client.create(None, [own, Image.from_bytes(wide), Image.from_bytes(wide, fitting="auto")])
            assert sizes(server) == [(200, 100), (100, 50), (400, 200)]
            server.requests.clear()
            tiff = picture(40, "tiff")
            with pytest.raises(errors.UnsupportedMedia, match=r"content\[1\].*tiff"):
                client.create(None, [Image.from_bytes(tiff), Image.from_bytes(tiff, fitting="strict")])
            with pytest.raises(errors.ConfigurationError, match="'auto', 'strict' or a Fit"):
                client.create(None, [Image.from_bytes(wide, fitting="loosely")])
            assert server.requests == []


def test_it_is_part_of_the_value() -> None:
    plain, own = Image.from_bytes(picture(40)), Image.from_bytes(picture(40), fitting=Fit(max_side=9))
    assert own != plain
    assert own == plain.replace(fitting=Fit(max_side=9))
    assert pickle.loads(pickle.dumps(own)) == own
    again = Holder.model_validate_json(Holder(image=own).model_dump_json()).image
    assert Fit.parse(again.fitting) == own.fitting
    fitted = own.fit("openai/gpt-4o").medium
    assert max(dimensions(fitted)) == 9
    assert fitted.fit("openai/gpt-4o").medium == fitted


def test_a_password_is_not_written() -> None:
    with pytest.raises(PydanticSerializationError, match="a Fit with a password is not written as JSON"):
        Holder(image=Image.from_bytes(picture(40), fitting=Fit(password="p"))).model_dump_json()
