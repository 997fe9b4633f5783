"""Claude where clouds serve it, through the clients of Anthropic's SDK: Messages with the clouds' own limits.

    from_anthropic(AnthropicBedrock()) ─▶ the row of the client's class

Source: the page on vision at platform.claude.com/docs/en/build-with-claude, 2026-09-20: on Amazon Bedrock and Google Cloud
media come as base64 only, and a picture has at most 5 MB of it. Foundry and Anthropic's platform on AWS take what
Anthropic's own API takes.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from ..adapter import Accepts, Family, Provider
from ..media import Image, Media
from ..modes import Mode
from ..output import ANTHROPIC, PLAIN
from ..sdks import ROWS
from .anthropic.codec import AnthropicMessages
from .anthropic.media import MEDIA, whole_of
from .anthropic.tables import UNFORCED

IMAGE_BYTES = 5 * 1024**2


def _inline(kind: type[Media], row: Accepts) -> Accepts:
    """The row without addresses and file ids, pictures at most 5 MB."""
    sources = row.sources & frozenset({"bytes"})
    if kind is not Image:
        return replace(row, sources=sources, upload_bytes=None)
    limits = replace(row.limits, max_bytes=IMAGE_BYTES)
    crowd = (row.crowd[0], replace(row.crowd[1], max_bytes=IMAGE_BYTES)) if row.crowd else None
    return replace(row, sources=sources, limits=limits, crowd=crowd, upload_bytes=None)


CLOUD_MEDIA = {kind: _inline(kind, row) for kind, row in MEDIA.items()}

# Bedrock's Messages endpoint ("Mantle") was without structured outputs in September 2026
TOOLS_ONLY = (
    Family(UNFORCED, {Mode.JSON: PLAIN, Mode.MD_JSON: PLAIN}),
    Family(re.compile(""), {Mode.TOOLS: ANTHROPIC, Mode.JSON: PLAIN, Mode.MD_JSON: PLAIN}),
)


# docs.aws.amazon.com, "Anthropic Claude Messages API", Request and Response: 20 MB; claude-on-vertex-ai: 30 MB
ON_AWS, ON_GOOGLE = whole_of(20_000_000), whole_of(30_000_000)


def _row(name: str, **differences: Any) -> Provider:
    return Provider(AnthropicMessages(name, **{"media": CLOUD_MEDIA, **differences}), sdk=ROWS[name])


bedrock = _row("anthropic-bedrock", whole=ON_AWS)
mantle = _row("anthropic-bedrock-mantle", whole=ON_AWS, families=TOOLS_ONLY)
vertex = _row("anthropic-vertex", whole=ON_GOOGLE)
google = _row("anthropic-google-cloud", whole=ON_GOOGLE)
