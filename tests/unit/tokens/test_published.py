"""Every example figure that a provider's own documentation publishes, and where.

A case that the provider's own formula does not bear out stands in CONTRADICTED, with what both say; we follow the formula.
"""

from __future__ import annotations

from typing import NamedTuple

import pytest

from instructor.tokens import Film, Pages, Picture, Sound, Thing, estimate
from instructor.tokens.formulas import Level

OPENAI = "developers.openai.com/api/docs/guides/images-vision"
OPENAI_BEFORE = "platform.openai.com/docs/guides/vision, 2024"
ANTHROPIC = "platform.claude.com/docs/en/build-with-claude/vision"
COORDINATES = "platform.claude.com/docs/en/build-with-claude/vision-coordinates"
GEMINI = "ai.google.dev/gemini-api/docs"
COHERE = "docs.cohere.com/docs/image-inputs"
CEREBRAS = "inference-docs.cerebras.ai/capabilities/image-inputs"
TOGETHER = "docs.together.ai/docs/inference/vision/overview"
MISTRAL = "mistralai/platform-docs-public docs/capabilities/vision.md"


class Case(NamedTuple):
    source: str
    provider: str
    model: str
    thing: Thing
    tokens: int
    size: tuple[int, int] | None = None


STANDARD, FINE = "claude-haiku-4-5", "claude-opus-5-5"

CASES = [
    Case(OPENAI, "openai", "gpt-5.4", Picture(1024, 1024, "high"), 1229, (1024, 1024)),
    Case(OPENAI, "openai", "gpt-5.4", Picture(2048, 2048, "high"), 3000, (1600, 1600)),
    Case(OPENAI_BEFORE, "openai", "gpt-4o", Picture(1024, 1024, "high"), 765, (768, 768)),
    Case(OPENAI_BEFORE, "openai", "gpt-4o", Picture(2048, 4096, "high"), 1105, (768, 1536)),
    Case(OPENAI_BEFORE, "openai", "gpt-4o", Picture(4096, 8192, "low"), 85),
    # The table of sizes: both classes.
    Case(ANTHROPIC, "anthropic", STANDARD, Picture(200, 200), 64, (200, 200)),
    Case(ANTHROPIC, "anthropic", STANDARD, Picture(1000, 1000), 1296, (1000, 1000)),
    Case(ANTHROPIC, "anthropic", STANDARD, Picture(1092, 1092), 1521, (1092, 1092)),
    Case(ANTHROPIC, "anthropic", STANDARD, Picture(1920, 1080), 1560, (1456, 819)),
    Case(ANTHROPIC, "anthropic", STANDARD, Picture(2000, 1500), 1564),
    Case(ANTHROPIC, "anthropic", STANDARD, Picture(3840, 2160), 1560, (1456, 819)),
    Case(ANTHROPIC, "anthropic", FINE, Picture(200, 200), 64, (200, 200)),
    Case(ANTHROPIC, "anthropic", FINE, Picture(1000, 1000), 1296, (1000, 1000)),
    Case(ANTHROPIC, "anthropic", FINE, Picture(1092, 1092), 1521, (1092, 1092)),
    Case(ANTHROPIC, "anthropic", FINE, Picture(1920, 1080), 2691, (1920, 1080)),
    Case(ANTHROPIC, "anthropic", FINE, Picture(2000, 1500), 3888, (2000, 1500)),
    Case(ANTHROPIC, "anthropic", FINE, Picture(3840, 2160), 4784, (2576, 1449)),
    Case(COORDINATES, "anthropic", STANDARD, Picture(1075, 1520), 33 * 47, (924, 1307)),
    Case(COORDINATES, "anthropic", FINE, Picture(1075, 1520), 2145, (1075, 1520)),
    Case(f"{GEMINI}/image-understanding", "gemini", "gemini-2.5-flash", Picture(384, 384), 258),
    Case(f"{GEMINI}/image-understanding", "gemini", "gemini-2.5-flash", Picture(960, 540), 6 * 258),
    Case(f"{GEMINI}/audio", "gemini", "gemini-2.5-flash", Sound(60), 1920),
    Case(f"{GEMINI}/media-resolution", "gemini", "gemini-2.5-pro", Picture(3000, 2000, "low"), 64),
    Case(f"{GEMINI}/media-resolution", "gemini", "gemini-2.5-pro", Picture(3000, 2000, "medium"), 256),
    *(
        Case(f"{GEMINI}/media-resolution", "gemini", "gemini-3-pro-preview", Picture(800, 600, detail), tokens)
        for detail, tokens in ((None, 1120), ("low", 280), ("medium", 560), ("high", 1120), ("ultra_high", 2240))
    ),
    *(
        Case(f"{GEMINI}/media-resolution", "gemini", "gemini-3.8-flash", Film(1, detail=detail, sound=False), tokens)
        for detail, tokens in ((None, 70), ("low", 70), ("medium", 70), ("high", 280))
    ),
    *(
        Case(f"{GEMINI}/media-resolution", "gemini", "gemini-2.5-flash", Film(1, detail=detail, sound=False), tokens)
        for detail, tokens in ((None, 256), ("low", 64), ("medium", 256), ("high", 256))
    ),
    *(
        Case(f"{GEMINI}/media-resolution", "gemini", "gemini-3.8-flash", Pages(1, detail=detail), tokens)
        for detail, tokens in ((None, 560), ("low", 280), ("medium", 560), ("high", 1120))
    ),
    Case(f"{GEMINI}/media-resolution", "gemini", "gemini-3.8-flash", Sound(1), 25),
    Case(COHERE, "cohere", "command-a-vision-07-2025", Picture(10_000, 20_000), 2304, (1024, 2048)),
    Case(COHERE, "cohere", "command-a-vision-07-2025", Picture(10_000, 20_000, "low"), 256),
    Case(COHERE, "cohere", "command-a-vision-07-2025", Picture(768, 768), 256),
    Case(CEREBRAS, "cerebras", "gemma-4-31b", Picture(336, 226), 260, (960, 624)),
    Case(CEREBRAS, "cerebras", "gemma-4-31b", Picture(512, 512), 256, (768, 768)),
    Case(CEREBRAS, "cerebras", "gemma-4-31b", Picture(672, 672), 256, (768, 768)),
    Case(CEREBRAS, "cerebras", "gemma-4-31b", Picture(1024, 1024), 256, (768, 768)),
    Case(CEREBRAS, "cerebras", "gemma-4-31b", Picture(1280, 720), 264, (1056, 576)),
    Case(CEREBRAS, "cerebras", "gemma-4-31b", Picture(1920, 1080), 264, (1056, 576)),
    Case(CEREBRAS, "cerebras", "gemma-4-31b", Picture(3840, 2160), 264, (1056, 576)),
    Case(TOGETHER, "together", "moonshotai/Kimi-K2.5", Picture(559, 559), 1601),
    Case(TOGETHER, "together", "moonshotai/Kimi-K2.5", Picture(3840, 400), 3202),
    Case(TOGETHER, "together", "moonshotai/Kimi-K2.5", Picture(400, 3840), 3202),
    Case(TOGETHER, "together", "moonshotai/Kimi-K2.5", Picture(3840, 2160), 6404),
    Case(MISTRAL, "mistral", "mistral-medium-latest", Picture(1540, 1540), 3025, (1540, 1540)),
    Case(MISTRAL, "mistral", "mistral-small-2506", Picture(10_000, 10_000), 3025, (1540, 1540)),
    Case(MISTRAL, "mistral", "pixtral-large-latest", Picture(2048, 2048), 4096, (1024, 1024)),
    # 1 token for 100 ms of what the user says.
    Case("developers.openai.com/api/docs/guides/realtime-costs", "openai", "gpt-audio", Sound(60), 600),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.model}-{case.thing}")
def test_published_example(case: Case) -> None:
    found = estimate(case.provider, case.model, case.thing)
    assert found.tokens == case.tokens, case.source
    if case.size is not None:
        assert (found.width, found.height) == case.size, case.source


def test_openai_patches_of_a_budget_of_1536() -> None:
    # The guide of early 2026; no model has this budget today, but the algorithm is the same.
    level = Level(2048, 1536)
    assert level.fit(1024, 1024) == (1024, 1024)
    assert level.fit(1800, 2400) == (1056, 1408)  # 33 × 44 = 1,452 patches


@pytest.mark.parametrize(
    ("model", "detail", "about"),
    [
        ("gemini-3.8-flash", None, 100),
        ("gemini-3.8-flash", "high", 300),
        ("gemini-2.5-flash", None, 300),
        ("gemini-2.5-flash", "low", 100),
    ],
)
def test_gemini_seconds_of_film_come_near_what_is_said_of_them(model: str, detail: str | None, about: int) -> None:
    # ai.google.dev/gemini-api/docs/video-understanding: "approximately", with sound
    assert estimate("gemini", model, Film(100, detail=detail)).tokens == pytest.approx(100 * about, rel=0.06)


def test_anthropic_pages_are_a_range() -> None:
    # platform.claude.com/docs/en/build-with-claude/pdf-support: 1,500–3,000 text tokens a page, and a picture of each
    found = estimate("anthropic", STANDARD, Pages(10))
    assert (found.tokens, found.at_most) == (15_000, 10 * (3_000 + 1_568))


# ── where an example and the formula of the same page disagree ───────────────────────────────────


class Contradicted(NamedTuple):
    source: str
    provider: str
    model: str
    thing: Picture
    said: int
    by_formula: int


CONTRADICTED = [
    # "A 4K screenshot and a 1280×720 photo are billed the same (both are 2×2)"; the formula below it gives 2 × 1.
    Contradicted(TOGETHER, "together", "moonshotai/Kimi-K2.5", Picture(1280, 720), 6404, 3202),
    # "Wider than 560 and taller than 560: 2 × 2"; the formula gives 1 × 1.
    Contradicted(TOGETHER, "together", "moonshotai/Kimi-K2.5", Picture(1000, 1000), 6404, 1601),
]


@pytest.mark.parametrize("case", CONTRADICTED, ids=lambda case: f"{case.provider}-{case.thing}")
def test_the_formula_counts(case: Contradicted) -> None:
    found = estimate(case.provider, case.model, case.thing)
    assert found.tokens == case.by_formula != case.said
    assert not found.exact


def test_a_size_of_anthropics_table_is_a_pixel_off() -> None:
    # The table says 1269×952 (and said 1270×952 before); the page's own algorithm gives 1270×952. The tokens agree.
    found = estimate("anthropic", STANDARD, Picture(2000, 1500))
    assert (found.width, found.height, found.tokens) == (1270, 952, 1564)
