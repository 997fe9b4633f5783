"""What stands on a tape, and how it is written down.

    Exchange ── request: the wire JSON with media elided and secrets left out
             └─ one of: answer (wire JSON), events (of a stream, and how it ended), error (status and body)
    elided      a wire value as it may be stored
    dump, load  JSON that a person can read and compare: requests spelled out, each event of a stream on a line

Headers are no part of a wire value but for `extra_headers`, which are left out. What a model answers is stored as it is.
"""

from __future__ import annotations

import difflib
import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import field
from typing import Any, Literal
from urllib.parse import unquote, urlsplit, urlunsplit

import pybase64

from ..errors import ConfigurationError
from ..media import Inline, Media
from ..memo import SECRET_NAMES
from ..values import dataclass

VERSION = 1

HIDDEN = "…"

Ending = Literal["complete", "closed", "broken"]
"""How a recorded stream ended: by itself, by its reader, by a failure of the connection."""


@dataclass(slots=True)
class Exchange:
    """One request, and what came of it."""

    provider: str
    stream: bool
    request: Any
    answer: Mapping[str, Any] | None = None
    kind: str = ""
    """The class that an SDK gave for the answer, `module:name`."""
    events: list[Any] = field(default_factory=list)
    end: Ending | None = None
    error: Mapping[str, Any] | None = None
    used: bool = False

    @property
    def over(self) -> bool:
        """Whether anything came of it."""
        return self.answer is not None or self.end is not None or self.error is not None

    @property
    def asked(self) -> tuple[str, bool, Any]:
        """What has to be the same when it is replayed."""
        return self.provider, self.stream, self.request


# ── what may be stored ───────────────────────────────────────────────────────────────────────────

KEYS = re.compile(
    r"\b(?:sk|gsk|xai|pplx|csk|fw|tgp_v1|hf)[-_][A-Za-z0-9_*-]{16,}|\bAIza[\w-]{30,}|\b(?:AKIA|ASIA)[A-Z0-9]{16}\b"
    r"|\bBearer\s+[\w.~+/-]{16,}=*"
)
"""What the keys of known providers look like."""

SIGNING = re.compile(
    r"(?i)^(?:x-(?:amz|goog)-.+|sig|signature|token|key|policy|key-pair-id|awsaccesskeyid|credential)$"
)
"""Query parameters that let the holder of an address in."""

DATA_URI = re.compile(r"data:(?P<type>[\w.+/-]*)(?:;[\w=-]+)*;base64,", re.ASCII | re.IGNORECASE)

MIN_BASE64_CHARS = 256
"""A shorter text is never taken for the base64 of a medium."""

BASE64 = re.compile(r"[A-Za-z0-9+/]+={0,2}")


def elided(value: Any, secrets: Iterable[str] = ()) -> Any:
    """A copy of a wire value as it may be stored: media as digests, without keys."""
    if isinstance(value, Inline):
        return _medium(value.media, secrets)
    if isinstance(value, Media):
        return _medium(value, secrets)
    if isinstance(value, bytes | bytearray):
        return _mark(None, len(value), hashlib.sha256(value).hexdigest())
    if isinstance(value, str):
        return _text(value, secrets)
    if isinstance(value, Mapping):
        kept = {str(key): item for key, item in value.items() if key != "extra_headers"}
        if isinstance(query := kept.get("extra_query"), Mapping):
            kept["extra_query"] = {key: item for key, item in query.items() if str(key).lower() not in SECRET_NAMES}
        return {key: elided(item, secrets) for key, item in kept.items()}
    if isinstance(value, list | tuple):
        return [elided(item, secrets) for item in value]
    return value if value is None or isinstance(value, int | float) else f"<{type(value).__name__}>"


def without_secrets(value: Any, secrets: Iterable[str] = ()) -> Any:
    """A copy of an answer in which keys are hidden."""
    if isinstance(value, str):
        return _hidden(value, secrets)
    if isinstance(value, Mapping):
        return {str(key): without_secrets(item, secrets) for key, item in value.items()}
    return [without_secrets(item, secrets) for item in value] if isinstance(value, list | tuple) else value


def _text(text: str, secrets: Iterable[str]) -> str:
    found = DATA_URI.match(text)
    if found:
        return _encoded(found["type"], text[found.end() :]) or text
    if len(text) >= MIN_BASE64_CHARS and BASE64.fullmatch(text):
        return _encoded(None, text) or text
    if text.startswith(("http://", "https://")) and not any(character.isspace() for character in text):
        text = _address(text)
    return _hidden(text, secrets)


def _hidden(text: str, secrets: Iterable[str]) -> str:
    for secret in secrets:
        text = text.replace(secret, HIDDEN)
    return KEYS.sub(HIDDEN, text)


def _encoded(media_type: str | None, text: str) -> str | None:
    try:
        content = pybase64.b64decode(text, validate=True)
    except ValueError:
        return None
    return _mark(media_type, len(content), hashlib.sha256(content).hexdigest())


def _medium(medium: Media, secrets: Iterable[str]) -> str:
    if medium.at_hand:
        return _mark(medium.media_type, medium.size or 0, medium.digest or "")
    return _text(str(medium.source), secrets)


def _mark(media_type: str | None, size: int, digest: str) -> str:
    # the digest is of the content, so that a medium is the same however it was given
    return f"<{media_type or 'media'}, {size} bytes, sha256 {digest}>"


def _address(url: str) -> str:
    try:
        parts = urlsplit(url)
    except ValueError:
        return url
    host = parts.netloc.rpartition("@")[2]
    rows = [row.partition("=") for row in parts.query.split("&")]
    query = "&".join(name + sign + (HIDDEN if SIGNING.match(unquote(name)) else value) for name, sign, value in rows)
    return urlunsplit((parts.scheme, host, parts.path, query, parts.fragment))


# ── the file ─────────────────────────────────────────────────────────────────────────────────────


def dump(exchanges: Iterable[Exchange]) -> str:
    """The text of a tape."""
    rows = ",\n".join(_indented(_row(exchange)) for exchange in exchanges if exchange.over)
    return f'{{\n  "version": {VERSION},\n  "exchanges": [\n{rows}\n  ]\n}}\n'


def _row(exchange: Exchange) -> str:
    head: dict[str, Any] = {"provider": exchange.provider, "stream": exchange.stream, "request": exchange.request}
    if exchange.answer is not None:
        head |= {"object": exchange.kind} if exchange.kind else {}
        head |= {"answer": exchange.answer}
    if exchange.error is not None:
        head |= {"error": exchange.error}
    if exchange.end is None:
        return _json(head, indent=2)
    events = ",\n".join(f"    {_json(event)}" for event in exchange.events)
    return f'{_json({**head, "end": exchange.end}, indent=2)[:-2]},\n  "events": [\n{events}\n  ]\n}}'


def _json(value: Any, indent: int | None = None) -> str:
    return json.dumps(value, ensure_ascii=False, indent=indent)


def _indented(text: str) -> str:
    return "\n".join(f"    {line}" for line in text.split("\n"))


def load(text: str, name: str) -> list[Exchange]:
    """The exchanges of a tape.

    Raises:
        ConfigurationError: it is none, or of another version.
    """
    try:
        whole = json.loads(text)
        version, rows = whole["version"], whole["exchanges"]
    except (ValueError, KeyError, TypeError):
        raise ConfigurationError(
            f"{name} is no tape: it is damaged, or something else; delete it to record anew"
        ) from None
    if version != VERSION:
        raise ConfigurationError(f"{name} is a tape of version {version}, not {VERSION}: delete it to record anew")
    try:
        return [_exchange(row) for row in rows]
    except (KeyError, TypeError) as error:
        raise ConfigurationError(f"{name} is a damaged tape ({error}): delete it to record anew") from None


def _exchange(row: Mapping[str, Any]) -> Exchange:
    return Exchange(
        provider=row["provider"],
        stream=row["stream"],
        request=row["request"],
        answer=row.get("answer"),
        kind=row.get("object", ""),
        events=list(row.get("events", ())),
        end=row.get("end"),
        error=row.get("error"),
    )


# ── comparing ────────────────────────────────────────────────────────────────────────────────────

MAX_LINES = 60
"""Lines of a difference that an error quotes."""


def nearest(asked: Exchange, known: Iterable[Exchange]) -> Exchange | None:
    """The recorded exchange whose request is most like this one, one that was not replayed yet rather than another."""
    lines = _lines(asked)

    def likeness(other: Exchange) -> tuple[bool, float]:
        return not other.used, difflib.SequenceMatcher(None, lines, _lines(other), autojunk=False).ratio()

    return max(known, key=likeness, default=None)


def difference(recorded: Exchange, asked: Exchange) -> str:
    """The lines in which a request differs from a recorded one."""
    lines = list(difflib.unified_diff(_lines(recorded), _lines(asked), "recorded", "now", lineterm="", n=2))
    rest = [f"… {len(lines) - MAX_LINES} lines more"] if len(lines) > MAX_LINES else []
    return "\n".join([*lines[:MAX_LINES], *rest])


def _lines(exchange: Exchange) -> list[str]:
    shown = {"provider": exchange.provider, "stream": exchange.stream, "request": exchange.request}
    return _json(shown, indent=1).split("\n")
