"""Which media are uploaded: by the row of their kind (`Accepts.limits` inline, `Accepts.uploads` uploaded), by the caller's
policy, and by what a request holds as a whole."""

from __future__ import annotations

from typing import Any, Literal

from ..adapter import Accepts, Rows, Whole
from ..errors import ConfigurationError
from ..media import Media
from ..values import dataclass

DAY = 86_400


@dataclass(frozen=True, slots=True)
class UploadPolicy:
    """Which media are uploaded, and for how long.

    Attributes:
        when: "auto" uploads what is too large to go inline, as far as an upload may be larger; "always" all that the
            provider takes as files; "never" nothing.
        over_bytes: with "auto", a size above which media are uploaded although they could go inline.
        keep: seconds after which the provider deletes what was uploaded, where it lets that be said (OpenAI,
            Anthropic); None keeps it until somebody deletes it. Gemini keeps files for 48 hours, Mistral for good.
        patience: the most seconds to wait until an uploaded film can be used, or another process has uploaded the same.
        directory: where it is noted what has been uploaded; None for the user's cache directory.
    """

    when: Literal["auto", "always", "never"] = "auto"
    over_bytes: int | None = None
    keep: int | None = 7 * DAY
    patience: float = 600.0
    directory: str | None = None

    def __post_init__(self) -> None:
        if self.when not in ("auto", "always", "never"):
            raise ConfigurationError(f'uploads are "auto", "always" or "never", not {self.when!r:.60}')
        for name, least in (("over_bytes", 0), ("keep", 1), ("patience", 0)):
            value = getattr(self, name)
            if value is not None and (isinstance(value, bool) or not isinstance(value, int | float) or value < least):
                raise ConfigurationError(f"UploadPolicy.{name} is a number, {least} or more, not {value!r:.60}")

    @classmethod
    def parse(cls, value: object) -> UploadPolicy:
        """What `uploads=` stands for.

        Raises:
            ConfigurationError: it is neither of the three words nor an UploadPolicy.
        """
        if value is None:
            return cls()
        if isinstance(value, UploadPolicy):
            return value
        if isinstance(value, str):
            word: Any = value
            return cls(word)
        raise ConfigurationError(
            f'uploads are "auto", "always", "never" or an UploadPolicy, not {type(value).__name__}'
        )


# ── which way a medium goes ──────────────────────────────────────────────────────────────────────


def goes(policy: UploadPolicy, row: Accepts, medium: Media) -> bool:
    """Whether a medium is uploaded, for its own sake."""
    if row.uploads is None or policy.when == "never":
        return False
    size = medium.size or 0
    if policy.when == "always" or (policy.over_bytes is not None and size > policy.over_bytes):
        return True
    return not row.limits.takes_bytes(size) and row.uploads.takes_bytes(size)


def ways(policy: UploadPolicy, rows: Rows, whole: Whole | None, media: list[Media]) -> list[bool]:
    """Which of a request's media are uploaded: those that have to be, or are wished to be; and, where the others are too
    much for one request together, the largest of these."""
    able = [medium.at_hand and _able(rows.get(type(medium)), medium) for medium in media]
    chosen = [able[i] and goes(policy, rows[type(medium)], medium) for i, medium in enumerate(media)]
    most = min((figure for figure in (whole.max_body, whole.max_media) if figure), default=None) if whole else None
    if most is None or policy.when == "never":
        return chosen
    weights = [((medium.size or 0) + 2) // 3 * 4 if medium.at_hand else 0 for medium in media]
    total = sum(weight for weight, up in zip(weights, chosen, strict=True) if not up)
    for i in sorted(range(len(media)), key=lambda i: -weights[i]):
        if total > most - ROOM_FOR_TEXT and able[i] and not chosen[i]:
            chosen[i], total = True, total - weights[i]
    return chosen


ROOM_FOR_TEXT = 256 * 1024
"""Bytes of a request that are left to what is not media."""


def _able(row: Accepts | None, medium: Media) -> bool:
    return row is not None and row.uploads is not None and medium.media_type in row.uploads.mimes
