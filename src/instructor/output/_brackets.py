"""Where an object, an array or a string of JSON ends, in text that arrives in pieces.

Only brackets outside strings count; nothing else is looked at, so a value that is not valid JSON has an end too.
The work is done by possessive patterns: one match from bracket to bracket, one for the rest of a string.
"""

from __future__ import annotations

import re

_OUTSIDE = re.compile(r'[^"{}\[\]]*+(?:"(?:[^"\\]|\\.)*+"[^"{}\[\]]*+)*+', re.DOTALL)
_STRING = re.compile(r'(?:[^"\\]|\\.)*+', re.DOTALL)


class Brackets:
    """One value, from its opening bracket or, with `quoted`, from behind its opening quote."""

    __slots__ = ("_depth", "_escaped", "_quoted")

    def __init__(self, *, depth: int = 0, quoted: bool = False) -> None:
        self._depth = depth
        self._quoted = quoted
        self._escaped = False

    def end(self, text: str, at: int) -> int:
        """The index behind the value's end, or -1 where the text from `at` does not hold it."""
        if self._quoted:
            at = self._unquoted(text, at)
            if at < 0 or not self._depth:
                return at
        while (at := skip(_OUTSIDE, text, at)) < len(text):
            char = text[at]
            at += 1
            if char == '"':
                self._quoted = True
                self._unquoted(text, at)
                return -1
            self._depth += 1 if char in "{[" else -1
            if self._depth <= 0:
                return at
        return -1

    def _unquoted(self, text: str, at: int) -> int:
        if self._escaped and at < len(text):
            self._escaped = False
            at += 1
        at = skip(_STRING, text, at)
        if at < len(text) and text[at] == '"':
            self._quoted = False
            return at + 1
        self._escaped = self._escaped or at < len(text)
        return -1


def skip(pattern: re.Pattern[str], text: str, at: int) -> int:
    """The index behind a match at `at`; `at` itself where there is none."""
    found = pattern.match(text, at)
    return found.end() if found else at
