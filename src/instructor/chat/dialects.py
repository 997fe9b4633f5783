"""What a part in one dialect's form means to the others."""

from __future__ import annotations

from collections.abc import Mapping

from ..ir import Native, Text
from ..media import PDF, Audio, Document, Image, Media, is_url


def neutral(part: Native) -> Text | Media | None:
    """What a part in one dialect's form means to the others, or None if it has no neutral meaning.

    Raises:
        MediaError: the medium in it is damaged.
    """
    fields = part.payload
    match fields.get("type"):
        case "text" | "input_text" | "output_text":
            return Text(str(fields.get("text", "")))
        case "refusal":
            return Text(str(fields.get("refusal", "")))
        case "image_url":
            place = fields.get("image_url")
            url = place.get("url") if isinstance(place, Mapping) else place
            return Image.from_url(url) if isinstance(url, str) else None
        case "input_image":
            url = fields.get("image_url")
            return Image.from_url(url) if isinstance(url, str) else None
        case "input_file":
            data, url = fields.get("file_data"), fields.get("file_url")
            if isinstance(url, str):
                return PDF.from_url(url)
            return PDF.from_base64(data) if isinstance(data, str) else None
        case "input_audio":
            audio = fields.get("input_audio")
            data = audio.get("data") if isinstance(audio, Mapping) else audio
            if not isinstance(data, str):
                return None
            return Audio.from_url(data) if is_url(data) else Audio.from_base64(data)
        case "file":
            file = fields.get("file")
            data = file.get("file_data") if isinstance(file, Mapping) else None
            return PDF.from_base64(data) if isinstance(data, str) else None
        case "document_url":
            url = fields.get("document_url")
            return PDF.from_url(url) if isinstance(url, str) else None
        case "image" | "document" as kind:
            return _of_source(Image if kind == "image" else PDF, fields.get("source"))
        case _:
            return None


def _of_source(kind: type[Media], source: object) -> Media | None:
    match source:
        case {"type": "base64", "data": str(data)}:
            return kind.from_base64(data)
        case {"type": "url", "url": str(url)}:
            return kind.from_url(url)
        case {"type": "text", "data": str(text)}:
            return Document.from_bytes(text.encode())
        case _:
            return None
