"""A string that a regular expression matches, for the simple sort of pattern that schemas carry.

    matching(r"^[A-Z]{3}-\\d+$")  →  "AAA-0"

Understood: literals, escapes, classes, groups, alternatives (the first is taken) and quantifiers (the fewest, but
one rather than none). The result is checked against the pattern; for look-around and back references there are a few
guesses, and then `None`.
"""

from __future__ import annotations

import re

from ..values import dataclass

_CLASSES = {"d": "0", "w": "a", "s": " ", "D": "a", "W": "-", "S": "a"}
_CONTROLS = {"n": "\n", "t": "\t", "r": "\r", "f": "\f", "v": "\v"}
_NOTHING = {"b", "B", "A", "Z", "z"}
_CANDIDATES = "aA0 -_.+/@:"
_GUESSES = ("example", "1", "A1", "2024-01-31")


def matching(pattern: str) -> str | None:
    """A string that `pattern` matches, or `None` if this file cannot make one."""
    try:
        made = _Reader(pattern).alternatives()
    except (re.error, IndexError, StopIteration, ValueError):
        made = ""
    try:
        return next((text for text in (made, *_GUESSES) if re.search(pattern, text)), None)
    except re.error:
        return None


@dataclass(slots=True)
class _Reader:
    """A recursive descent over the pattern, writing the string as it goes."""

    pattern: str
    at: int = 0

    def alternatives(self) -> str:
        """`a|b|c`, up to the end or the closing parenthesis: the first."""
        first = self.sequence()
        while self.peek() == "|":
            self.at += 1
            self.sequence()
        return first

    def sequence(self) -> str:
        text = ""
        while self.peek() not in ("", "|", ")"):
            atom = self.atom()
            text += atom * self.times()
        return text

    def atom(self) -> str:
        char = self.take()
        match char:
            case "(":
                return self.group()
            case "[":
                return self.members()
            case "\\":
                return self.escape()
            case ".":
                return "a"
            case "^" | "$":
                return ""
        return char

    def group(self) -> str:
        if self.pattern.startswith("?:", self.at):
            self.at += 2
        elif self.pattern.startswith("?P<", self.at):
            self.at = self.pattern.index(">", self.at) + 1
        text = self.alternatives()
        self.at += 1
        return text

    def escape(self) -> str:
        char = self.take()
        if char in _NOTHING:
            return ""
        return _CLASSES.get(char) or _CONTROLS.get(char) or char

    def members(self) -> str:
        """`[…]`: a usual character that it matches, or else one of those it names."""
        start, end = self.at - 1, self.at + self.pattern.startswith("^", self.at)
        end += self.pattern.startswith("]", end)
        while self.pattern[end] != "]":
            end += 2 if self.pattern[end] == "\\" else 1
        self.at = end + 1
        whole = re.compile(self.pattern[start : end + 1])
        return next(char for char in _CANDIDATES + self.pattern[start + 1 : end] if whole.fullmatch(char))

    def times(self) -> int:
        """How often the atom is repeated."""
        char = self.peek()
        count = 1
        if char and char in "*+?":
            self.at += 1
        elif bounds := re.compile(r"\{(\d*)(?:,\d*)?\}").match(self.pattern, self.at):
            self.at = bounds.end()
            count = int(bounds[1] or 0) or (0 if bounds[0] in ("{0}", "{0,0}") else 1)
        else:
            return 1
        if self.peek() in ("?", "+"):
            self.at += 1
        return count

    def peek(self) -> str:
        return self.pattern[self.at : self.at + 1]

    def take(self) -> str:
        self.at += 1
        return self.pattern[self.at - 1]
