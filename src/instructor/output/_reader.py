"""A push parser: JSON text in, in any pieces; a tree along a plan out.

    value ──▶ "…"            a word that grows, or raw text of a leaf
          ──▶ 12, true, …    a scalar, read at the delimiter behind it
          ──▶ { [            a node of the tree, or raw text where the plan takes the whole value
    after ──▶ ,  ──▶ key or value          ──▶ } ]  ──▶ after, one level up

One state per method; a state consumes what it can and says which is next. Text that is not JSON ends the reading: the
tree stays as it was, and the error is told by whoever reads the whole answer. Text that is kept for later is kept in
pieces and joined once, so the cost is linear in the text.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from pydantic_core import from_json, to_json

from ._brackets import Brackets, skip
from ._plans import RAW, Elements, Fields, Keyed, Leaf, Members, Plan, Run, Slot, Tagged, Word, Wrapper
from ._shapes import LIST
from ._tree import FOREVER, UNSET, Node, Rope

_SPACE = re.compile(r"[ \t\n\r]*+")
_KEY = re.compile(r'[ \t\n\r]*+"([^"\\\x00-\x1f]*+)"[ \t\n\r]*+:')
_AFTER = re.compile(r"[ \t\n\r]*+([,}\]])")
_SIMPLE = re.compile(r'"([^"\\\x00-\x1f]*+)"')
_LETTERS = re.compile(r'[^"\\\x00-\x1f]*+')
_ESCAPED = re.compile(
    r'(?:[^"\\\x00-\x1f]++|\\(?:["\\/bfnrt]|u(?![dD][89a-fA-F])[0-9a-fA-F]{4}'
    r"|u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}))*+"
)
_PART_OF_ESCAPE = re.compile(r"\\(?:u(?:[dD][89abAB][0-9a-fA-F]{2}(?:\\(?:u[0-9a-fA-F]{0,3})?)?|[0-9a-fA-F]{0,3}))?\Z")
_SCALAR = re.compile(r"[-+.\w]*+")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?(?:[eE][+-]?[0-9]++)?")
_DIGITS = frozenset("0123456789")
_DEEPEST = 201
"""Levels at which pydantic gives up."""

Guard = Callable[[Callable[[], Any]], Any]
"""Runs validators. `UNSET`: there is no value."""


class Reader:
    """Reads JSON into a tree. `guard` decides what an invalid value means."""

    def __init__(self, root: Plan, run: Run, guard: Guard) -> None:
        self.tick = 0
        self._root, self._run, self._guard = root, run, guard
        self.restart()

    def restart(self) -> None:
        """Forget what was read. Snapshots of it stay what they are."""
        self.top = self._node = Node(LIST)
        """Holds the root value, once there is one."""
        self.stray = False
        """Whether the object around the root value has other members."""
        self.changed = False
        """Whether the last piece made a visible difference."""
        self._stack: list[tuple[Node, Plan | None, Any]] = []
        self._plan: Plan | None = None
        self._slot: Slot = (None, self._root)
        self._text, self._at, self._held = "", 0, ""
        self._parts: list[str] = []
        self._rope = Rope(0)
        self._brackets = Brackets()
        self._may_close = False
        self._state: Callable[[], None] = self._value

    @property
    def complete(self) -> bool:
        """Whether the root value has ended."""
        return not self._stack and self._state == self._after

    def feed(self, text: str) -> None:
        self.tick += 1
        self.changed = False
        self._text, self._at, self._held = self._held + text, 0, ""
        while self._at < len(self._text):
            self._state()

    # ── values ───────────────────────────────────────────────────────────────────────────────────

    def _value(self) -> None:
        at = self._at = skip(_SPACE, self._text, self._at)
        if at == len(self._text):
            return
        first, self._may_close = self._may_close, False
        match self._text[at]:
            case '"':
                self._open_text()
            case "{" | "[" as bracket:
                self._open(bracket)
            case "]" if first:
                self._at += 1
                self._close()
            case _:
                self._parts = []
                self._state = self._scalar if skip(_SCALAR, self._text, at) > at else self._dead

    def _scalar(self) -> None:
        end = skip(_SCALAR, self._text, self._at)
        self._parts.append(self._text[self._at : end])
        self._at = end
        if end < len(self._text):
            self._read("".join(self._parts))

    def _open_text(self) -> None:
        name, plan = self._slot
        simple = _SIMPLE.match(self._text, self._at)
        if isinstance(plan, Word):
            if simple is not None:
                self._at = simple.end()
                self._put(name, simple[1] if plan.bare else self._judged(plan, simple[1]))
                return
            self._rope = Rope(self.tick)
            self._put(name, self._rope)
            self._at += 1
            self._state = self._letters
        elif simple is not None:
            self._at = simple.end()
            self._read(simple[0])
        else:
            self._keep('"', Brackets(quoted=True), self._raw)

    def _letters(self) -> None:
        text, at, rope = self._text, self._at, self._rope
        end = skip(_LETTERS, text, at)
        piece = text[at:end]
        if text.startswith("\\", end):
            end = skip(_ESCAPED, text, at)
            piece = from_json(f'"{text[at:end]}"')
        if piece:
            rope.grow(piece, self.tick)
            self.changed = True
        self._at = end
        if end == len(text):
            return
        if text[end] == '"':
            self._at += 1
            self._end_text()
        elif _PART_OF_ESCAPE.match(text, end) is not None:
            self._at, self._held = len(text), text[end:]
        else:
            self._state = self._dead

    def _end_text(self) -> None:
        rope, plan = self._rope, self._slot[1]
        rope.closed = self.tick
        if isinstance(plan, Word) and not plan.bare:
            rope.final = self._judged(plan, rope.text)
            self.changed = True
        self._state = self._after

    def _judged(self, plan: Word, text: str) -> Any:
        value = self._guard(lambda: plan.check.json(to_json(text).decode(), self._run, self._data))
        return None if value is UNSET else value

    def _keep(self, opening: str, brackets: Brackets, state: Callable[[], None]) -> None:
        """Keep the text of what begins at this character."""
        self._parts = [opening]
        self._brackets = brackets
        self._at += 1
        self._state = state

    def _kept(self) -> str | None:
        """What was kept, once it has ended."""
        start = self._at
        end = self._brackets.end(self._text, start)
        self._at = end if end >= 0 else len(self._text)
        self._parts.append(self._text[start : self._at])
        return None if end < 0 else "".join(self._parts)

    def _raw(self) -> None:
        raw = self._kept()
        if raw is not None:
            self._read(raw)

    def _read(self, raw: str) -> None:
        """The value of a place, complete."""
        self._state = self._after
        name, plan = self._slot
        if plan is None:
            return
        value = raw if plan is RAW else self._valued(plan, raw)
        if value is UNSET:
            if raw == "null" and self._run.null_is_absent and isinstance(self._plan, Keyed):
                return
            value = None
        self._put(name, value)

    def _valued(self, plan: Plan, raw: str) -> Any:
        if isinstance(plan, Leaf) and plan.plain and raw[-1] in _DIGITS:
            value = from_json(raw) if _NUMBER.fullmatch(raw) else None
            if type(value) in plan.plain:
                return value
        if raw == "null" and plan.nullable:
            return None
        return self._guard(lambda: plan.check.json(raw, self._run, self._data))

    def _data(self) -> dict[str, Any]:
        """The fields before this one, for validators that want to know."""
        return dict(self._node.pairs(FOREVER))

    def _put(self, name: Any, value: Any) -> None:
        self._node.add(name, value, self.tick)
        self._state = self._after
        if isinstance(self._plan, Tagged):
            self._decide(self._plan)
        else:
            self.changed = True

    # ── objects and arrays ───────────────────────────────────────────────────────────────────────

    def _open(self, bracket: str) -> None:
        name, plan = self._slot
        if isinstance(plan, Wrapper) and bracket == "[":
            plan = plan.bare
            self._slot = (name, plan)
        if isinstance(plan, Keyed if bracket == "{" else Elements):
            self._at += 1
            self._enter(name, plan)
        else:
            self._keep(bracket, Brackets(depth=1), self._raw)

    def _enter(self, name: Any, plan: Keyed | Elements) -> None:
        """One level down. What has no kind yet is not shown."""
        if len(self._stack) > _DEEPEST:
            self._state = self._dead
            return
        node = self.top if isinstance(plan, Wrapper) else Node(plan.shape)
        if not isinstance(plan, Tagged | Wrapper):
            self._put(name, node)
        self._stack.append((self._node, self._plan, name))
        self._node, self._plan = node, plan
        self._may_close = True
        if isinstance(plan, Elements):
            self._slot, self._state = (None, plan.item), self._value
        else:
            self._state = self._key

    def _key(self) -> None:
        found = _KEY.match(self._text, self._at)
        if found is not None:
            self._at = found.end()
            self._named(found[1])
            return
        at = self._at = skip(_SPACE, self._text, self._at)
        match self._text[at : at + 1]:
            case "":
                pass
            case '"':
                self._keep('"', Brackets(quoted=True), self._long_key)
            case "}" if self._may_close:
                self._at += 1
                self._close()
            case _:
                self._state = self._dead

    def _long_key(self) -> None:
        raw = self._kept()
        if raw is not None:
            self._parts = [raw]
            self._state = self._colon

    def _colon(self) -> None:
        at = self._at = skip(_SPACE, self._text, self._at)
        if at == len(self._text):
            return
        self._at += 1
        try:
            key = from_json(self._parts[0])
        except ValueError:
            self._state = self._dead
            return
        if self._text[at] == ":":
            self._named(key)
        else:
            self._state = self._dead

    def _named(self, key: str) -> None:
        """A member begins."""
        plan = self._plan
        self._may_close = False
        self._state = self._value
        if not isinstance(plan, Wrapper):
            self._slot = plan.slot(key) if isinstance(plan, Keyed) else (None, None)
        elif key == plan.key or self.top.values or self.stray:
            self._slot = plan.slot(key)
            self.stray = self.stray or key != plan.key
        else:
            self._unwrap(plan.bare, key)

    def _unwrap(self, bare: Plan, key: str) -> None:
        """The object turns out not to be the one around the value, but the value."""
        self._node, self._plan, _ = self._stack.pop()
        self._slot = (None, bare)
        if isinstance(bare, Keyed):
            self._enter(None, bare)
            self._named(key)
        else:
            self._at -= 1
            self._keep(f"{{{to_json(key).decode()}:", Brackets(depth=1), self._raw)

    def _after(self) -> None:
        found = _AFTER.match(self._text, self._at)
        if found is None:
            self._at = skip(_SPACE, self._text, self._at)
            self._state = self._after if self._at == len(self._text) else self._dead
            return
        self._at = found.end()
        plan = self._plan
        match found[1]:
            case "," if isinstance(plan, Elements):
                self._slot, self._state = (None, plan.item), self._value
            case "," if plan is not None:
                self._state = self._key
            case bracket if plan is not None and (bracket == "]") == isinstance(plan, Elements):
                self._close()
            case _:
                self._state = self._dead

    def _close(self) -> None:
        node, plan = self._node, self._plan
        self._node, self._plan, name = self._stack.pop()
        node.closed = self.tick
        self._state = self._after
        if isinstance(plan, Elements | Members) and plan.finish is not None:
            finish = plan.finish
            value = self._guard(lambda: finish.python(node.shape.whole(node), self._run, self._data))
            node.final = None if value is UNSET else value
            self.changed = True
        elif isinstance(plan, Fields):
            self.changed = self.changed or len(node.names) < len(plan.rows)
        elif isinstance(plan, Tagged):  # of a kind unknown to the end
            self._slot = (name, plan)
            members = zip(node.names, node.values, strict=True)
            self._read("{" + ",".join(f"{to_json(key).decode()}:{raw}" for key, raw in members) + "}")

    def _decide(self, plan: Tagged) -> None:
        """The kind of a discriminated object, once its discriminator is known. What came before is read then."""
        node = self._node
        kept = dict(zip(node.names, node.values, strict=True))
        if node.names[-1] not in plan.keys:
            return
        chosen = _kind(plan, kept)
        if isinstance(chosen, Tagged):
            self._plan = chosen
        elif isinstance(chosen, Fields):
            parent, _, name = self._stack[-1]
            self._node, self._plan = Node(chosen.shape), chosen
            parent.add(name, self._node, self.tick)
            for key, raw in kept.items():
                self._slot = chosen.slot(key)
                self._read(raw)
            self.changed = True

    def _dead(self) -> None:
        self._at = len(self._text)


def _kind(plan: Tagged, kept: dict[str, str]) -> Plan | None:
    """The plan that the members lead to, through discriminated unions within."""
    chosen: Plan | None = plan
    while isinstance(chosen, Tagged) and (key := next(iter(chosen.keys & kept.keys()), None)) is not None:
        try:
            chosen = chosen.choice(from_json(kept[key]))
        except ValueError:
            return None
    return chosen
