"""The JSON of an answer while it arrives: text in, in any chunks; pieces of one JSON value out.

                  ┌── </think> ── thinking ◀── <think> ──┐
                  ▼                                      │
    chunk ──▶   prose ── { or [ ──▶ opening? ── no ──▶ prose, behind the bracket
                  ▲                    │
                  │                   yes
                  └── its last bracket ── inside ──▶ Piece, Piece, …

What counts as an opening, and which value is preferred, is as in `text`: a fenced one to others, an object with
members to a list, a list of objects to a list of words. A value that turns up later and is preferred begins with a
`fresh` piece: what came before was not the answer. The answer that counts is `close`'s, which reads the whole text
as `create` does. The two differ only where an answer is a bare scalar, or has prose like `[0, 1)` before its JSON.

Every decision waits for the characters that it needs, so chunks do not matter. Text is looked at a fixed number of
times: an opening that cannot be decided yet is kept as a short stand-in (`{"` for any unfinished first key).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from pydantic_core import from_json

from ._brackets import Brackets
from .text import json_in

_TAGS = "think|thinking|reasoning"
_MARK = re.compile(
    rf"<(?P<think>{_TAGS})>|</(?P<thought>{_TAGS})>(?=[^\S\n]*+(?:\n|[{{\[`]))|(?P<fence>`{{3,}}+|~{{3,}}+)|(?P<open>[{{\[])"
)
_PART_OF_TAG = re.compile(rf"</?[a-z]{{0,9}}|(?P<whole></(?:{_TAGS})>)[^\S\n]*+")
_PART_OF_FENCE = re.compile(r"(?:`{1,2}|~{1,2})\Z")
_INFO = re.compile(r"[`~]*+[^\S\n]*+[\w+.\-]*+\s*+")
"""What may stand between a fence and its JSON."""

_STRING = r'"(?:[^"\\]|\\.)*+'
_NUMBER = r"-?\d[\d.eE+\-]*+"
_OPENING = re.compile(
    rf'\{{\s*+(?:(?P<members>{_STRING}"\s*+:)|(?P<empty>\}}))'
    rf'|\[\s*+(?:(?P<nested>[{{\[])|(?P<flat>["\]]|(?:{_NUMBER}|true|false|null)\s*+[,\]]))',
    re.DOTALL,
)
_UNDECIDED = re.compile(
    rf'\{{\s*+(?P<key>{_STRING}(?P<more>\\|"\s*+)?)?\Z'
    rf"|\[\s*+(?P<scalar>(?P<number>{_NUMBER})|-|t(?:r(?:ue?)?)?|f(?:a(?:l(?:se?)?)?)?|n(?:u(?:ll?)?)?)?(?P<space>\s*+)\Z",
    re.DOTALL,
)

_RANKS = {"members": 0, "nested": 1, "empty": 2, "flat": 3}
"""The lower the better, as in `text`."""

_NO_VALUE = 9


class Piece(NamedTuple):
    """JSON text that is new. `fresh`: a value begins here, and replaces what came before."""

    text: str
    fresh: bool


class JsonText:
    """Finds the JSON in an answer while it arrives."""

    def __init__(self) -> None:
        self._chunks: list[str] = []
        self._state: Callable[[list[Piece]], None] = self._prose
        self._text, self._at = "", 0
        self._held = ""
        self._info: list[str] | None = None
        self._closer = ""
        self._opened: set[str] = set()
        self._candidate: list[str] = []
        self._stand_in = ""
        self._brackets = Brackets()
        self._best: list[str] | None = None
        self._best_fenced = False
        self._best_rank: int | None = None
        self._live = self._fresh = False

    @property
    def text(self) -> str:
        """Everything received."""
        if len(self._chunks) > 1:
            self._chunks = ["".join(self._chunks)]
        return self._chunks[0] if self._chunks else ""

    def feed(self, chunk: str) -> list[Piece]:
        """The JSON that this chunk brings to light: most often the chunk itself, or nothing."""
        if not chunk:
            return []
        self._chunks.append(chunk)
        self._text, self._at, self._held = self._held + chunk, 0, ""
        pieces: list[Piece] = []
        while self._at < len(self._text):
            self._state(pieces)
        return pieces

    def close(self) -> str:
        """The JSON of the whole answer.

        Raises:
            ParseError: there is none, it is cut off, or it is not valid JSON.
        """
        return json_in(self.text)

    # ── outside ──────────────────────────────────────────────────────────────────────────────────

    def _prose(self, _pieces: list[Piece]) -> None:
        mark = _MARK.search(self._text, self._at)
        if mark is None:
            self._end_of_prose()
            return
        self._passed(mark.start())
        self._at = mark.end()
        match mark.lastgroup:
            case "think":
                self._info = None
                self._opened.add(mark["think"])
                self._closer = f"</{mark['think']}>"
                self._state = self._thinking
            case "thought":
                self._info = None
                if mark["thought"] not in self._opened:  # the prompt opened it: all that came before were thoughts
                    self._opened.add(mark["thought"])
                    self._best = None
            case "fence":
                self._info = []
            case _:
                self._at = mark.start()
                self._candidate, self._stand_in = [], ""
                self._state = self._opening

    def _end_of_prose(self) -> None:
        """Keep back what may be the beginning of a mark."""
        text, end = self._text, len(self._text)
        tag = text.rfind("<", self._at)
        if tag >= 0 and (part := _PART_OF_TAG.fullmatch(text, tag)) is not None:
            end, self._held = tag, part["whole"] or part[0]
        elif (part := _PART_OF_FENCE.search(text, max(self._at, end - 2))) is not None:
            end, self._held = part.start(), part[0]
        self._passed(end)
        self._at = len(text)

    def _passed(self, end: int) -> None:
        if self._info is not None:
            self._info.append(self._text[self._at : end])

    def _thinking(self, _pieces: list[Piece]) -> None:
        found = self._text.find(self._closer, self._at)
        if found >= 0:
            self._at = found + len(self._closer)
            self._state = self._prose
            return
        tail = max(self._at, len(self._text) - len(self._closer) + 1)
        self._at, self._held = len(self._text), self._text[tail:]

    # ── opening ──────────────────────────────────────────────────────────────────────────────────

    def _opening(self, _pieces: list[Piece]) -> None:
        """Whether JSON begins at a bracket. A stand-in is put before new text as long as that is undecided."""
        text, at = (self._stand_in + self._text, 0) if self._stand_in else (self._text, self._at)
        found = _OPENING.match(text, at)
        undecided = None if found else _UNDECIDED.match(text, at)
        if undecided is not None:
            self._candidate.append(self._text[self._at :])
            self._stand_in = _stand_in(undecided)
            self._at = len(self._text)
            return
        if self._candidate:
            self._text, self._at = "".join((*self._candidate, self._text)), 0
        if found is not None:
            self._begin(_RANKS[str(found.lastgroup)])
        else:
            self._at += 1
            self._info = None
            self._state = self._prose

    def _begin(self, rank: int) -> None:
        fenced = self._info is not None and _INFO.fullmatch("".join(self._info)) is not None
        self._info = None
        self._live = self._best is None or (fenced if fenced != self._best_fenced else rank < self._rank(self._best))
        if self._live:
            self._best, self._best_fenced, self._best_rank, self._fresh = [], fenced, None, True
        self._brackets = Brackets()
        self._state = self._inside

    def _rank(self, best: list[str]) -> int:
        if self._best_rank is None:
            self._best_rank = _rank("".join(best))
        return self._best_rank

    # ── inside ───────────────────────────────────────────────────────────────────────────────────

    def _inside(self, pieces: list[Piece]) -> None:
        text, start = self._text, self._at
        end = self._brackets.end(text, start)
        if end < 0:
            self._at = len(text)
        else:
            self._at = end
            self._state = self._prose
        if self._live and self._best is not None:
            piece = text[start : self._at]
            self._best.append(piece)
            pieces.append(Piece(piece, self._fresh))
            self._fresh = False


def _stand_in(undecided: re.Match[str]) -> str:
    """A short text that is as undecided, and will be decided alike."""
    if undecided["key"] is not None:
        more = undecided["more"] or ""
        return '{"' + (more if more == "\\" else more.rstrip())
    scalar = "1" if undecided["number"] else undecided["scalar"] or ""
    return undecided[0][0] + scalar + (" " if scalar and undecided["space"] else "")


def _rank(text: str) -> int:
    try:
        value = from_json(text)
    except ValueError:
        return _NO_VALUE
    if isinstance(value, dict):
        return _RANKS["members" if value else "empty"]
    return _RANKS["nested" if any(isinstance(item, dict | list) for item in value) else "flat"]
