"""The provider without a model: it reads what is printed or said, in this process, and fills the answer from it.

    dialect    its wire form and tables          answer    reading and filling put together
    read       pictures, PDFs, speech, text      filling   from what was read to the response model
    reading    the values in between

No key, no network, no language model: what is not in the media is left out, never made up.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...adapter import Provider
from .dialect import Embedded


def _answer(request: Mapping[str, Any]) -> Mapping[str, Any]:
    from .answer import answer

    return answer(request)


provider = Provider(Embedded(), answer=_answer, default_model="reader")
