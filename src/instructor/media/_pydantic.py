"""Media as fields of the callers' pydantic models.

In JSON a medium is `{"media_type", "data": <base64>}` or `{"media_type", "source": <address>}` or
`{"media_type", "file_id"}`, with its options. A local file is written with its content, and reading JSON
never opens a local file: whoever wrote the JSON does not choose what is read from this machine.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic_core import PydanticCustomError
from pydantic_core import core_schema as cs

from ..errors import InstructorError
from ._base import Media
from ._origin import FileId, Url, is_data_uri, is_url


def core_schema(cls: type[Media]) -> cs.CoreSchema:
    """Instances as they are; from JSON or a dict as described above."""

    def read(value: Any) -> Media:
        if isinstance(value, cls):
            return value
        try:
            return _read(cls, value)
        except (InstructorError, TypeError) as error:
            raise PydanticCustomError("media", "{reason}", {"reason": str(error)}) from error

    return cs.no_info_plain_validator_function(
        read,
        metadata={"pydantic_js_functions": [lambda _schema, _handler: _json_schema(cls)]},
        serialization=cs.plain_serializer_function_ser_schema(_write, when_used="json"),
    )


def _read(cls: type[Media], value: Any) -> Media:
    if isinstance(value, str):
        value = {"source": value}
    if not isinstance(value, Mapping):
        raise TypeError(f"{cls.noun} is written as an object with 'data', 'source' or 'file_id'")
    fields = dict(value)
    data, source, file_id = (fields.pop(name, None) for name in ("data", "source", "file_id"))
    media_type = fields.pop("media_type", None)
    if isinstance(data, str):
        return cls.from_raw_base64(data, media_type, **fields)
    if isinstance(file_id, str):
        return cls.from_file_id(file_id, media_type, **fields)
    if isinstance(source, str) and (is_url(source) or is_data_uri(source)):
        return cls.from_url(source, media_type, **fields)
    raise TypeError(f"{cls.noun} needs 'data' (base64), 'source' (an address or data URI) or 'file_id'")


def _write(value: Media) -> dict[str, Any]:
    out: dict[str, Any] = {"media_type": value.media_type}
    match value.origin:
        case Url(url):
            out["source"] = url
        case FileId(id):
            out["file_id"] = id
        case _:
            out["data"] = value.data
    for option in (*value.options, "name"):
        content = getattr(value, option)
        if content is not None:
            out[option] = content.wire() if hasattr(content, "wire") else content
    return out


def _json_schema(cls: type[Media]) -> dict[str, Any]:
    text = {"type": "string"}
    return {
        "title": cls.__name__,
        "type": "object",
        "properties": {"media_type": text, "data": text, "source": text, "file_id": text},
    }
