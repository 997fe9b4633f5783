"""JSON from the network."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from typing import Any


@cache
def _fast() -> Callable[[bytes], Any]:
    """Loaded with the first answer, not with the client."""
    from pydantic_core import from_json

    return from_json


class NotJson(ValueError):
    """It is not JSON."""


def parsed(data: bytes) -> Any:
    """What some bytes of JSON say.

    The fast parser is strict: what it refuses (lone surrogates, UTF-16, very deep nesting, bytes that are not UTF-8) is
    read with the standard library's.

    Raises:
        NotJson: neither takes it.
    """
    try:
        return _fast()(data)
    except ValueError:
        pass
    try:
        return json.loads(data)
    except UnicodeDecodeError:
        text = data.decode("utf-8", "replace")
    except (ValueError, RecursionError) as error:
        raise NotJson(str(error)) from None
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise NotJson(str(error)) from None
