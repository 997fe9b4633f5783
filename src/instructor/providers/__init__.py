"""Wire dialects, one file each, and the registry of names. What dialects share is here, for those from outside too.

Parameters · translated     the caller's keywords → the API's own names, or an error
words · listed · in_form    names in a table; one or several as a list; function tools in the API's form
from_status                 (status, body) → the error of its kind
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._later import homes, later

if TYPE_CHECKING:
    from ._errors import from_status
    from ._params import Parameters, in_form, listed, translated, words
else:  # the registry stands beside them, and a client that only stands there speaks no dialect yet
    __getattr__ = later(__name__, homes(_errors="from_status", _params="Parameters in_form listed translated words"))

__all__ = ["Parameters", "from_status", "in_form", "listed", "translated", "words"]
