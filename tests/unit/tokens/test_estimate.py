"""Facts, families, and what comes of unknown ones."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from instructor.tokens import Estimate, Film, Pages, Picture, Sound, Thing, Words, estimate
from instructor.tokens.families import FILMS, HOSTS, PAGES, PICTURES, SOUNDS, Row
from instructor.tokens.formulas import Capped, Grid, Level, Patches

TABLES: Mapping[str, Mapping[str, tuple[Row[Any], ...]]] = {
    "pictures": PICTURES,
    "sounds": SOUNDS,
    "films": FILMS,
    "pages": PAGES,
}


def rows() -> Iterator[tuple[str, Row[Any]]]:
    return (
        (f"{kind}-{provider}-{row.models}", row)
        for kind, table in TABLES.items()
        for provider, found in table.items()
        for row in found
    )


@pytest.mark.parametrize("row", [row for _, row in rows()], ids=[name for name, _ in rows()])
def test_every_row_says_where_it_is_from(row: Row[Any]) -> None:
    assert re.search(r"https://|at second hand", row.source)
    assert re.search(r"20\d\d", row.source)
    assert row.models
    assert row.formula.name
    assert row.formula.rule
    assert not (row.exact and "second hand" in row.source)
    re.compile(row.pattern)


def test_hosts_lead_to_tables() -> None:
    assert {owner for owners in HOSTS.values() for owner in owners} <= set(PICTURES)
    assert not set(HOSTS) & set(PICTURES)


def formula(provider: str, model: str) -> object:
    rows = (row for row in PICTURES[provider] if re.search(row.pattern, model))
    row = next(rows, None)
    return row and row.formula


@pytest.mark.parametrize(
    ("model", "side"),
    [
        ("claude-opus-4-7", 2576),
        ("claude-opus-4-8-20260801", 2576),
        ("claude-sonnet-5", 2576),
        ("claude-haiku-5-5", 2576),
        ("claude-fable-5-1", 2576),
        ("claude-opus-12", 2576),
        ("anthropic.claude-opus-4-7-20260416-v1:0", 2576),
        ("claude-opus-4-7@20260416", 2576),
        ("claude-opus-4-6", 1568),
        ("claude-sonnet-4-20250514", 1568),
        ("claude-haiku-4-5-20251001", 1568),
        ("claude-3-7-sonnet-20250219", 1568),
        ("us.anthropic.claude-3-haiku-20240307-v1:0", 1568),
    ],
)
def test_the_two_classes_of_claude(model: str, side: int) -> None:
    found = formula("anthropic", model)
    assert isinstance(found, Grid)
    assert found.side == side


@pytest.mark.parametrize(
    ("model", "tokens"),
    [
        ("gpt-4o", 765),
        ("gpt-4o-2024-11-20", 765),
        ("ft:gpt-4o-2024-08-06:acme::abc", 765),
        ("GPT-4o", 765),
        ("gpt-4o-mini", 2833 + 4 * 5667),
        ("gpt-5", 70 + 4 * 140),
        ("gpt-5.1-2025-11-13", 70 + 4 * 140),
        ("o3", 75 + 4 * 150),
        ("gpt-5-mini", 1229),
        ("gpt-5-nano", 1536),
        ("gpt-4.1-mini-2025-04-14", math.ceil(1024 * 1.62)),
        ("gpt-4.1-nano", math.ceil(1024 * 2.46)),
        ("o4-mini", math.ceil(1024 * 1.72)),
        ("gpt-6-astra", 1229),
        ("gpt-6.1-sol", 1229),
        # Variants that the guide leaves out.
        ("gpt-5.1-codex-mini", None),
        ("gpt-5.3-codex", None),
        ("gpt-4o-transcribe", None),
        ("o3-mini", None),
        ("gpt-60", None),
        ("my-deployment", None),
    ],
)
def test_openai_models(model: str, tokens: int | None) -> None:
    assert estimate("openai", model, Picture(1024, 1024)).tokens == tokens
    assert estimate("azure_openai", model, Picture(1024, 1024)).tokens == tokens


@pytest.mark.parametrize(
    ("provider", "model", "same"),
    [
        ("google", "models/gemini-2.5-flash", "gemini"),
        ("vertexai", "gemini-2.5-flash", "gemini"),
        ("vertexai", "claude-opus-4-7@20260416", "anthropic"),
        ("anthropic-vertex", "claude-opus-4-7@20260416", "anthropic"),
        ("anthropic-google-cloud", "claude-opus-4-7@20260416", "anthropic"),
        ("anthropic-bedrock", "anthropic.claude-opus-4-7-20260416-v1:0", "anthropic"),
        ("anthropic-bedrock-mantle", "anthropic.claude-opus-4-7", "anthropic"),
        ("openai-responses", "gpt-5.4-mini", "openai"),
        ("litellm", "openai/gpt-5.4-mini", "openai"),
        ("litellm", "anthropic/claude-haiku-4-5", "anthropic"),
        ("bedrock", "us.anthropic.claude-opus-4-7-20260416-v1:0", "anthropic"),
        ("openrouter", "anthropic/claude-opus-4-7", "anthropic"),
        ("openrouter", "openai/gpt-4o:free", "openai"),
        ("OpenAI", "gpt-4o", "openai"),
    ],
)
def test_models_at_other_providers(provider: str, model: str, same: str) -> None:
    picture = Picture(1600, 1200)
    found = estimate(provider, model, picture)
    assert found.tokens is not None
    assert found == estimate(same, model.rpartition("/")[2], picture)


@pytest.mark.parametrize("thing", [Picture(10, 10), Sound(3), Film(3), Pages(3)], ids=repr)
@pytest.mark.parametrize(
    ("provider", "model"),
    [
        ("openai", "gpt-99"),
        ("nobody", "gpt-4o"),
        ("gemini", "gemini-4-argon"),
        ("bedrock", "amazon.nova-pro-v1:0"),
        ("xai", "grok-4"),
        ("", ""),
    ],
)
def test_unknown_is_unknown(provider: str, model: str, thing: Thing) -> None:
    assert estimate(provider, model, thing) == Estimate(None, "unknown", "")


def test_what_a_provider_does_not_take_is_unknown() -> None:
    assert estimate("anthropic", "claude-opus-5-5", Sound(3)).formula == "unknown"
    assert estimate("openai", "gpt-5.5", Film(3)).formula == "unknown"
    assert estimate("openai", "gpt-realtime-whisper", Sound(3)).formula == "unknown"


# ── details ──────────────────────────────────────────────────────────────────────────────────────


def test_details_of_openai() -> None:
    def tokens(model: str, detail: str | None) -> int | None:
        return estimate("openai", model, Picture(4000, 3000, detail)).tokens

    assert [tokens("gpt-5.6-sol", detail) for detail in ("low", "high", "original", "auto", None)] == [
        math.ceil(16 * 12 * 1.2),
        math.ceil(57 * 43 * 1.2),
        125 * 94 * 12 // 10,
        125 * 94 * 12 // 10,
        125 * 94 * 12 // 10,
    ]
    assert tokens("gpt-5.5", None) == tokens("gpt-5.5", "original") == math.ceil(115 * 86 * 1.2)
    assert tokens("gpt-5.4", None) == tokens("gpt-5.4", "high")
    low, high = tokens("gpt-5.4", "low"), tokens("gpt-5.4", "high")
    assert low is not None
    assert high is not None
    assert low > high  # as the guide says of this model
    assert tokens("gpt-5.2", "low") == tokens("gpt-5.2", "high") == 64 * 48 * 12 // 10 + 1


@pytest.mark.parametrize(
    ("provider", "model", "thing"),
    [
        ("openai", "gpt-5.2", Picture(10, 10, "original")),
        ("openai", "gpt-4o", Picture(10, 10, "original")),
        ("openai", "gpt-5.5", Picture(10, 10, "medium")),
        ("openai", "gpt-5.5", Pages(1, 10, "original")),
        ("gemini", "gemini-2.5-flash", Picture(10, 10, "ultra_high")),
        ("gemini", "gemini-3.8-flash", Picture(10, 10, "huge")),
        ("gemini", "gemini-3.8-flash", Film(1, detail="ultra_high")),
        ("gemini", "gemini-3.8-flash", Pages(1, detail="ultra_high")),
        ("cohere", "command-a-vision-07-2025", Picture(10, 10, "original")),
    ],
)
def test_a_detail_that_a_model_does_not_have(provider: str, model: str, thing: Picture | Film | Pages) -> None:
    found = estimate(provider, model, thing)
    assert found.tokens is None
    assert found.note == f"there is no detail {thing.detail!r} for this model"
    assert found.formula != "unknown"
    assert not found.exact


def test_too_many_patches_are_refused_not_shrunk() -> None:
    found = estimate("openai", "gpt-5.6-sol", Picture(7952, 5304))
    assert found.note == "refused: 41,334 patches, more than 30,000"
    assert (found.width, found.height) == (7952, 5304)
    assert estimate("openai", "gpt-5.6-sol", Picture(7952, 5304, "high")).note is None


# ── sizes at the edge ────────────────────────────────────────────────────────────────────────────

EDGES = [(1, 1), (1, 100_000), (100_000, 1), (65_535, 65_535), (3, 8_000), (1_000_000, 1_000_000)]


@pytest.mark.parametrize(("width", "height"), EDGES)
@pytest.mark.parametrize(
    ("provider", "model"),
    [
        ("openai", "gpt-5.6-sol"),
        ("openai", "gpt-5.5"),
        ("openai", "gpt-5.2"),
        ("openai", "gpt-4o"),
        ("anthropic", "claude-haiku-4-5"),
        ("anthropic", "claude-opus-5-5"),
        ("gemini", "gemini-3-flash-preview"),
        ("gemini", "gemini-2.5-flash"),
        ("mistral", "mistral-medium-latest"),
        ("cohere", "command-a-vision-07-2025"),
        ("together", "any"),
        ("cerebras", "gemma-4-31b"),
        ("cerebras", "qwen-3.8-27b"),
    ],
)
def test_every_size_has_tokens(provider: str, model: str, width: int, height: int) -> None:
    found = estimate(provider, model, Picture(width, height))
    assert found.tokens is not None
    assert found.tokens >= 1
    if found.width is not None:
        assert found.height is not None
        assert min(found.width, found.height) >= 1


def test_one_pixel() -> None:
    assert estimate("anthropic", "claude-opus-5-5", Picture(1, 1)).tokens == 1
    assert estimate("openai", "gpt-5.5", Picture(1, 1)).tokens == 2
    assert estimate("openai", "gpt-4o", Picture(1, 1)).tokens == 85 + 170
    assert estimate("anthropic", "claude-haiku-4-5", Picture(1, 100_000)).tokens == 56


def test_sizes_of_qwen_on_cerebras() -> None:
    assert estimate("cerebras", "qwen-3.8-27b", Picture(512, 512)).tokens == 256
    assert estimate("cerebras", "qwen-3.8-27b", Picture(1536, 1536)).note is None
    over = estimate("cerebras", "qwen-3.8-27b", Picture(3200, 3200))
    assert (over.tokens, over.width) == (2304, None)
    assert over.note
    assert isinstance(formula("cerebras", "qwen-3.8-27b"), Capped)


def test_a_ceiling_alone() -> None:
    found = estimate("deepseek", "deepseek-flash", Picture(100, 100))
    assert (found.tokens, found.at_most) == (None, 1024)
    assert str(found) == "at most 1,024 tokens"


# ── time, pages, text ────────────────────────────────────────────────────────────────────────────


def test_part_seconds_count_up() -> None:
    assert estimate("openai", "gpt-audio", Sound(0)).tokens == 0
    assert estimate("openai", "gpt-audio", Sound(0.01)).tokens == 1
    assert estimate("openai", "gpt-audio", Sound(0.3)).tokens == 3  # not 4: 0.3 × 10 is 3.0000000000000004 somewhere
    assert estimate("gemini", "gemini-3.8-flash", Sound(1.5)).tokens == 38


def test_films_are_frames_and_sound() -> None:
    assert Film(0.1, fps=30).frames == 3
    assert Film(10, fps=0.5).frames == 5
    assert estimate("gemini", "gemini-3.8-flash", Film(10)).tokens == 10 * 70 + 10 * 25
    assert estimate("gemini", "gemini-3.8-flash", Film(10, sound=False)).tokens == 700
    assert estimate("gemini", "gemini-3.8-flash", Film(10, fps=2, width=640, height=480)).tokens == 20 * 70 + 10 * 25


def test_pages_with_text_are_a_range() -> None:
    gemini = estimate("gemini", "gemini-3.8-flash", Pages(2, text_chars=4001))
    assert (gemini.tokens, gemini.at_most) == (1120, 1120 + 1001)
    assert estimate("gemini", "gemini-3.8-flash", Pages(2)).note == "without the text layer"
    assert estimate("gemini", "gemini-3.8-flash", Pages(2, text_chars=0)).note is None

    claude = estimate("anthropic", "claude-opus-5-5", Pages(2, text_chars=4000))
    assert (claude.tokens, claude.at_most) == (1000, 1000 + 2 * 4784)

    openai = estimate("openai", "gpt-5.6-sol", Pages(2, text_chars=4000))
    assert (openai.tokens, openai.at_most) == (1000, 1000 + 2 * 3000)
    assert estimate("openai", "gpt-5.5", Pages(2, text_chars=4000)).at_most == 1000 + 2 * 308  # auto is low here
    assert estimate("openai", "gpt-5.5", Pages(2, 4000, "high")).at_most == 1000 + 2 * 3000
    unknown = estimate("openai", "gpt-5.5", Pages(2))
    assert (unknown.tokens, unknown.at_most) == (None, None)
    assert unknown.note


def test_text_is_rough_for_everyone() -> None:
    found = estimate("nobody", "nothing", Words.of("How many tokens?"))
    assert (found.tokens, found.formula, found.exact) == (4, "rough: characters", False)
    assert found.source
    assert estimate("openai", "gpt-4o", Words(0)).tokens == 0
    assert estimate("openai", "gpt-4o", Words(5)).tokens == 2


# ── values ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "make",
    [
        lambda: Picture(0, 10),
        lambda: Picture(10, -1),
        lambda: Sound(-1),
        lambda: Sound(float("nan")),
        lambda: Sound(float("inf")),
        lambda: Film(1, fps=-1),
        lambda: Film(1, width=0),
        lambda: Pages(-1),
        lambda: Pages(1, text_chars=-1),
        lambda: Words(-1),
    ],
)
def test_impossible_facts(make: Any) -> None:
    with pytest.raises(ValueError, match=r"is a number from [01] up, not"):
        make()


def test_values_are_values() -> None:
    assert hash(Picture(1, 2)) == hash(Picture(1, 2))
    assert {Film(1), Film(1.0)} == {Film(1)}
    assert hash(estimate("openai", "gpt-4o", Picture(1, 2)))
    assert hash(Level(1)) == hash(Level(1))
    assert all(hash(row.formula) for row in PICTURES["openai"] if isinstance(row.formula, Patches))


def test_estimates_in_words() -> None:
    assert str(estimate("anthropic", "claude-opus-5-5", Picture(3840, 2160))) == "4,784 tokens"
    assert str(estimate("openai", "gpt-5.5", Picture(1024, 1024))) == "≈ 1,229 tokens"
    assert str(estimate("anthropic", "claude-opus-5-5", Pages(1))) == "1,500–7,784 tokens"
    assert str(estimate("nobody", "nothing", Picture(1, 1))) == "unknown"
