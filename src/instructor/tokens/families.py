"""Which rule holds for which model: tables, each row with its source.

    PICTURES · SOUNDS · FILMS · PAGES     provider → rows; the first whose pattern fits the model counts
    HOSTS                                 providers that serve other providers' models
    find(table, provider, model)          the row, or None: no rule is published

A pattern names the models of the source and no others: a new model is unknown until its row is written.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from fractions import Fraction
from typing import Generic, TypeVar

from ..values import dataclass
from .facts import Film, Pages, Picture, Sound
from .formulas import (
    Area,
    Capped,
    Ceiling,
    Filled,
    Formula,
    Grid,
    Level,
    PanAndScan,
    Patches,
    Previewed,
    Resolutions,
    Squares,
    Steps,
    Tiles,
)
from .rates import PerFrame, PerPage, PerSecond, TextAndPictures

Fact = TypeVar("Fact")


@dataclass(frozen=True, slots=True)
class Row(Generic[Fact]):
    """One rule: `models` for people, `pattern` for names, and where the rule is published.

    `exact`: the source gives the arithmetic, without reserve ("about", "can differ") and without contradiction.
    """

    models: str
    pattern: str
    formula: Formula[Fact]
    source: str
    exact: bool = False


def named(*models: str) -> str:
    """A pattern for these models alone, dated or not, fine-tuned or not."""
    names = "|".join(re.escape(model) for model in models)
    return rf"^(?:ft:)?(?:{names})(?:-\d{{4}}-\d{{2}}-\d{{2}})?(?::.*)?$"


# ── sources ──────────────────────────────────────────────────────────────────────────────────────

OPENAI = "https://developers.openai.com/api/docs/guides/images-vision (read Aug–Oct 2026)"
OPENAI_NEWEST = "at second hand (Sept 2026): the row of GPT-5.6; the guide itself does not list GPT-6"
OPENAI_AUDIO = "https://developers.openai.com/api/docs/guides/realtime-costs (read Aug–Oct 2026)"
OPENAI_FILES = "https://developers.openai.com/api/docs/guides/file-inputs (read Aug–Oct 2026)"
ANTHROPIC = "https://platform.claude.com/docs/en/build-with-claude/vision (2026-09-20)"
ANTHROPIC_PDF = "https://platform.claude.com/docs/en/build-with-claude/pdf-support (read Aug–Oct 2026)"
GEMINI = "https://ai.google.dev/gemini-api/docs/media-resolution (read Aug–Oct 2026)"
GEMINI_PICTURES = (
    "https://ai.google.dev/gemini-api/docs/image-understanding (2026-09-04), capped as in media-resolution"
)
MISTRAL = "https://github.com/mistralai/platform-docs-public vision.md (2026-08-21)"
PIXTRAL = "https://github.com/mistralai/platform-docs-public vision.md (2025)"
COHERE = "https://docs.cohere.com/docs/image-inputs (2026-08-20)"
TOGETHER = "https://docs.together.ai/docs/inference/vision/overview (read Aug–Oct 2026)"
CEREBRAS = "https://inference-docs.cerebras.ai/capabilities/image-inputs (2026-10-01)"
DEEPSEEK = "at second hand (Oct 2026): https://api-docs.deepseek.com/guides/vision"

# ── pictures ─────────────────────────────────────────────────────────────────────────────────────

NEWEST = Patches(
    Fraction("1.2"),
    low=Level(512),
    high=Level(2048, 2500),
    original=Level(65535, refuses=30000),
    auto=Level(65535, refuses=30000),
)
GPT_5_5 = Patches(
    Fraction("1.2"),
    low=Level(512),
    high=Level(2048, 2500),
    original=Level(6000, 10000),
    auto=Level(6000, 10000),
)
GPT_5_4 = Patches(
    Fraction("1.2"),
    low=Level(2048, 6144),  # as printed: it can cost more than `high`
    high=Level(2048, 2500),
    original=Level(6000, 10000),
    auto=Level(2048, 2500),
)


def _alike(factor: str) -> Patches:
    """Models whose details are all alike."""
    level = Level(2048, 6144)
    return Patches(Fraction(factor), low=level, high=level, auto=level)


TILED = (
    Row("GPT-5.1, GPT-5", named("gpt-5.1", "gpt-5", "gpt-5-chat-latest"), Tiles(70, 140), OPENAI, exact=True),
    Row("GPT-4o, GPT-4.1", named("gpt-4o", "gpt-4.1"), Tiles(85, 170), OPENAI, exact=True),
    Row("GPT-4o mini", named("gpt-4o-mini"), Tiles(2833, 5667), OPENAI, exact=True),
    Row("o1, o3", named("o1", "o1-pro", "o3"), Tiles(75, 150), OPENAI, exact=True),
)
PATCHED = (
    Row(
        "GPT-6",
        r"^gpt-6(?:\.\d+)?(?:-(?:astra|sol|terra|luna))?(?:-\d{4}-\d{2}-\d{2})?(?::.*)?$",
        NEWEST,
        OPENAI_NEWEST,
    ),
    Row("GPT-5.6", named("gpt-5.6", "gpt-5.6-sol", "gpt-5.6-terra", "gpt-5.6-luna"), NEWEST, OPENAI),
    Row("GPT-5.5", named("gpt-5.5"), GPT_5_5, OPENAI),
    Row("GPT-5.4, mini, nano", named("gpt-5.4", "gpt-5.4-mini", "gpt-5.4-nano"), GPT_5_4, OPENAI),
    Row("GPT-5.2, GPT-5 mini", named("gpt-5.2", "gpt-5-mini"), _alike("1.2"), OPENAI),
    Row("GPT-5 nano", named("gpt-5-nano"), _alike("1.5"), OPENAI),
    Row("GPT-4.1 mini", named("gpt-4.1-mini"), _alike("1.62"), OPENAI),
    Row("GPT-4.1 nano", named("gpt-4.1-nano"), _alike("2.46"), OPENAI),
    Row("o4-mini", named("o4-mini"), _alike("1.72"), OPENAI),
)

# claude-<name>-<generation>[-<minor>][-<date>]: from 4.7 on.
FINE = r"claude-[a-z]+-(?:4-(?:[7-9]|[1-9]\d)|[5-9]|[1-9]\d)(?!\d)"
CLAUDE = r"claude-"
GEMINI_3 = r"^gemini-3(?:\.\d+)?-"
GEMINI_2_5 = r"^gemini-2\.5-"
HIGH_RESOLUTION = Grid(side=2576, most=4784)
STANDARD = Grid(side=1568, most=1568)

PICTURES: Mapping[str, tuple[Row[Picture], ...]] = {
    "openai": (*PATCHED, *TILED),
    "anthropic": (
        Row("Claude 4.7 and later", FINE, HIGH_RESOLUTION, ANTHROPIC, exact=True),
        Row("other Claude models", CLAUDE, STANDARD, ANTHROPIC, exact=True),
    ),
    "gemini": (
        Row("Gemini 3", GEMINI_3, Resolutions(Steps(1120, 280, 560, 1120, 2240)), GEMINI),
        Row("Gemini 2.5", GEMINI_2_5, PanAndScan(), GEMINI_PICTURES),
    ),
    "mistral": (
        Row("Pixtral", r"^pixtral-", Area(1024, 256), PIXTRAL),
        Row(
            "models with vision", r"^(?:mistral-(?:small|medium|large)|ministral|magistral)-", Area(1540, 784), MISTRAL
        ),
    ),
    "cohere": (Row("Command models with vision", r"^command-", Previewed(), COHERE),),
    # The page's examples are of another mind than its formula: a side of 560 to 1,119 px is there two tiles, not one.
    "together": (Row("all", r"", Squares(), TOGETHER),),
    "cerebras": (
        Row("Gemma 4 31B", r"^gemma-4-31b", Filled(48, 280), CEREBRAS),
        Row("Qwen 3.8 27B", r"^qwen-3\.8-27b", Capped(32, 2304), CEREBRAS),
    ),
    "deepseek": (Row("DeepSeek Flash", r"^deepseek-flash", Ceiling(1024), DEEPSEEK),),
}

# ── recordings and films ─────────────────────────────────────────────────────────────────────────

# Not their siblings for transcription and translation, which are charged by the minute.
AUDIO = (
    *("gpt-audio", "gpt-audio-1.5", "gpt-audio-mini", "gpt-4o-audio-preview", "gpt-4o-mini-audio-preview"),
    *("gpt-realtime", "gpt-realtime-1.5", "gpt-realtime-2", "gpt-realtime-2.1"),
    *("gpt-realtime-mini", "gpt-realtime-2.1-mini"),
)

SOUNDS: Mapping[str, tuple[Row[Sound], ...]] = {
    "openai": (Row("GPT Audio, GPT Realtime", named(*AUDIO), PerSecond(10), OPENAI_AUDIO),),
    "gemini": (
        Row("Gemini 3", GEMINI_3, PerSecond(25), GEMINI),
        Row("Gemini 2.5", GEMINI_2_5, PerSecond(32), GEMINI),
    ),
}

FILMS: Mapping[str, tuple[Row[Film], ...]] = {
    "gemini": (
        Row("Gemini 3", GEMINI_3, PerFrame(Steps(70, 70, 70, 280), sound=25), GEMINI),
        Row("Gemini 2.5", GEMINI_2_5, PerFrame(Steps(256, 64, 256, 256), sound=32), GEMINI),
    ),
}

# ── pages ────────────────────────────────────────────────────────────────────────────────────────


def _by_files(formula: Patches | Tiles, auto: str) -> TextAndPictures:
    """A page's picture at OpenAI: a file's `auto` is another than a picture's, and there is no `original`."""

    def most(detail: str | None) -> int | None:
        if detail not in (None, "auto", "low", "high"):
            return None
        return formula.most(auto if detail in (None, "auto") else detail)

    low, high = formula.most("low"), formula.most("high")
    told = f"{low:,} (low) or {high:,} (high), auto {auto}" if low != high else f"{low:,}"
    return TextAndPictures(most, f"at most {told}")


def _by_grid(grid: Grid) -> TextAndPictures:
    """A page at Anthropic: text by the published range, and a picture as any other."""
    return TextAndPictures(lambda _detail: grid.most, f"at most {grid.most:,}", page=(1500, 3000))


def _pages(rows: tuple[Row[Picture], ...]) -> tuple[Row[Pages], ...]:
    return tuple(
        Row(row.models, row.pattern, _by_files(row.formula, "high" if row.formula is NEWEST else "low"), OPENAI_FILES)
        for row in rows
        if isinstance(row.formula, Patches | Tiles)
    )


PAGES: Mapping[str, tuple[Row[Pages], ...]] = {
    "openai": _pages((*PATCHED, *TILED)),
    "anthropic": (
        Row("Claude 4.7 and later", FINE, _by_grid(HIGH_RESOLUTION), ANTHROPIC_PDF),
        Row("other Claude models", CLAUDE, _by_grid(STANDARD), ANTHROPIC_PDF),
    ),
    "gemini": (
        Row("Gemini 3", GEMINI_3, PerPage(Steps(560, 280, 560, 1120)), GEMINI),
        Row("Gemini 2.5", GEMINI_2_5, PerPage(Steps(256, 64, 256, 256)), GEMINI),
    ),
}

# ── reading ──────────────────────────────────────────────────────────────────────────────────────

HOSTS: Mapping[str, tuple[str, ...]] = {
    "anthropic-bedrock": ("anthropic",),
    "anthropic-bedrock-mantle": ("anthropic",),
    "anthropic-google-cloud": ("anthropic",),
    "anthropic-vertex": ("anthropic",),
    "azure": ("openai",),
    "azure_openai": ("openai",),
    "bedrock": ("anthropic",),
    "genai": ("gemini",),
    "google": ("gemini",),
    "litellm": ("openai", "anthropic", "gemini", "mistral", "cohere"),
    "openai-responses": ("openai",),
    "openrouter": ("openai", "anthropic", "gemini"),
    "vertexai": ("gemini", "anthropic"),
}
"""Whose models a provider serves under their own names."""


def find(table: Mapping[str, tuple[Row[Fact], ...]], provider: str, model: str) -> Row[Fact] | None:
    """The first row that fits: `openai/gpt-4o` and `models/gemini-3-flash` are read by their last part."""
    name = model.rpartition("/")[2].lower()
    provider = provider.lower()
    for owner in HOSTS.get(provider, (provider,)):
        for row in table.get(owner, ()):
            if re.search(row.pattern, name):
                return row
    return None
