"""What holds for every size: bounds, shapes, and more pixels never costing less where that is so.

It is not so everywhere. A budget of patches is shrunk to with a margin, so that a picture just over it can cost less than
one just under it (1800×2400 and 1080×1440 at OpenAI), and tiles follow the shape (2048×2048 is 4 of them, 768×2048 is 8).
"""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from instructor.tokens import Picture, estimate
from instructor.tokens.formulas import Grid, Level, up

SIDES = st.integers(1, 20_000)
GRIDS = st.sampled_from([Grid(1568, 1568), Grid(2576, 4784)])
LEVELS = st.sampled_from([Level(2048, 2500), Level(2048, 6144), Level(6000, 10000), Level(2048, 1536), Level(512)])


def tokens(provider: str, model: str, width: int, height: int, detail: str | None = None) -> int:
    found = estimate(provider, model, Picture(width, height, detail)).tokens
    assert found is not None
    return found


@given(GRIDS, SIDES, SIDES)
def test_anthropic_fits_and_keeps_the_shape(grid: Grid, width: int, height: int) -> None:
    fitted = grid.fit(width, height)
    assert grid.fits(*fitted)
    assert fitted[0] <= width
    assert fitted[1] <= height
    assert grid.fit(height, width) == fitted[::-1] or width == height
    short, long = sorted((width, height))
    assert min(fitted) == pytest.approx(max(1, max(fitted) * short / long), abs=0.51)


@given(GRIDS, SIDES, SIDES)
def test_anthropic_takes_the_largest(grid: Grid, width: int, height: int) -> None:
    fitted = grid.fit(width, height)
    if fitted == (width, height):
        return
    long = max(fitted) + 1
    larger = long, max(1, round(long / (max(width, height) / min(width, height))))
    assert long == max(width, height) or not grid.fits(*larger)


@given(GRIDS, SIDES, SIDES, st.integers(0, 500), st.integers(0, 500))
def test_anthropic_more_pixels_never_cost_less_below_the_limits(
    grid: Grid, width: int, height: int, wider: int, taller: int
) -> None:
    small, large = Picture(width, height), Picture(width + wider, height + taller)
    if grid.fits(large.width, large.height):
        assert (grid.count(small).tokens or 0) <= (grid.count(large).tokens or 0)
    assert (grid.count(large).tokens or 0) <= grid.most


@given(LEVELS, SIDES, SIDES)
def test_openai_patches_stay_within_their_limits(level: Level, width: int, height: int) -> None:
    across, down = level.fit(width, height)
    assert 1 <= across <= width
    assert 1 <= down <= height
    assert max(across, down) <= level.side
    assert up(across, 32) * up(down, 32) <= level.most


@given(LEVELS, SIDES, SIDES)
def test_openai_integers_agree_with_the_published_floats(level: Level, width: int, height: int) -> None:
    across, down = width, height = Level(level.side).fit(width, height)
    if level.budget is not None and up(width, 32) * up(height, 32) > level.budget:
        r = math.sqrt(32**2 * level.budget / (width * height))
        wide, tall = width * r / 32, height * r / 32
        # a hair over, so that a whole number that floats miss from below stays one
        r *= min(math.floor(wide + 1e-9) / wide, math.floor(tall + 1e-9) / tall)
        across, down = math.floor(width * r + 1e-9), math.floor(height * r + 1e-9)
    fitted = level.fit(width, height)
    # Floats may fall a hair short of a whole number, never further.
    assert abs(fitted[0] - across) <= 1
    assert abs(fitted[1] - down) <= 1


@given(st.integers(1, 2048), st.integers(1, 2048), st.integers(0, 300), st.integers(0, 300))
def test_openai_more_pixels_never_cost_less_below_the_limits(w: int, h: int, wider: int, taller: int) -> None:
    small, large = tokens("openai", "gpt-5.6-sol", w, h), tokens("openai", "gpt-5.6-sol", w + wider, h + taller)
    assert small <= large


@given(SIDES, SIDES, st.integers(1, 9))
@pytest.mark.parametrize(
    ("provider", "model"),
    [
        ("anthropic", "claude-haiku-4-5"),
        ("anthropic", "claude-opus-5-5"),
        ("openai", "gpt-4o"),
        ("mistral", "mistral-medium-latest"),
        ("cohere", "command-a-vision-07-2025"),
        ("together", "any"),
        ("cerebras", "gemma-4-31b"),
        ("cerebras", "qwen-3.8-27b"),
        ("gemini", "gemini-3.8-flash"),
    ],
)
def test_the_same_picture_larger_never_costs_less(
    provider: str, model: str, width: int, height: int, times: int
) -> None:
    assert tokens(provider, model, width, height) <= tokens(provider, model, width * times, height * times)


@given(SIDES, SIDES)
@pytest.mark.parametrize(
    ("provider", "model", "most"),
    [
        ("openai", "gpt-4o", 85 + 170 * 8),
        ("openai", "gpt-5.5", 12_000),
        ("gemini", "gemini-2.5-flash", 2_048),
        ("mistral", "mistral-medium-latest", 3_025),
        ("cohere", "command-a-vision-07-2025", 256 * 13),
        ("together", "any", 6_404),
        ("cerebras", "gemma-4-31b", 280),
        ("cerebras", "qwen-3.8-27b", 2_304),
    ],
)
def test_no_picture_costs_more_than_the_most(provider: str, model: str, most: int, width: int, height: int) -> None:
    assert 1 <= tokens(provider, model, width, height) <= most


@given(SIDES, SIDES)
def test_turning_a_picture_changes_nothing(width: int, height: int) -> None:
    for provider, model in (
        ("openai", "gpt-5.5"),
        ("openai", "gpt-4o"),
        ("gemini", "gemini-2.5-flash"),
        ("together", "any"),
    ):
        assert tokens(provider, model, width, height) == tokens(provider, model, height, width)
