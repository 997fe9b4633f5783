"""Grouping pieces to rows: geometry alone."""

from __future__ import annotations

from math import radians, tan

from instructor.providers.embedded.reading import Word
from instructor.providers.embedded.rows import Piece, Quad, level, rows


def word(text: str, left: float, top: float, right: float, bottom: float) -> Word:
    return Word(text, (left, top, right, bottom))


def texts(*words: Word) -> list[str]:
    return [row.text for row in rows(words)]


def test_order_is_top_to_bottom_and_left_to_right() -> None:
    a, b = word("b", 50, 0, 60, 10), word("a", 0, 1, 10, 11)
    c = word("c", 0, 30, 10, 40)
    assert texts(c, a, b) == ["a b", "c"]


def test_a_tall_logo_does_not_tie_two_lines_together() -> None:
    logo = word("LOGO", 0, 0, 60, 60)
    assert texts(logo, word("one", 80, 4, 120, 24), word("two", 81, 36, 121, 56)) == ["LOGO one", "two"]
    between = word("LOGO", 60, 0, 120, 60)
    assert texts(word("one", 0, 4, 40, 24), between, word("two", 140, 36, 180, 56)) == ["one LOGO", "two"]


def test_lines_set_close_do_not_merge() -> None:
    assert texts(*(word(str(i), 10 * i, 11 * i, 10 * i + 8, 11 * i + 14) for i in range(4))) == ["0", "1", "2", "3"]


def test_the_page_number_is_kept() -> None:
    assert rows([word("x", 0, 0, 1, 1)], page=7)[0].page == 7


def fan(slope: float) -> Quad:
    """A box 100 wide whose edges lie on lines of that slope through x = 0."""

    def at(x: float, y: float) -> tuple[float, float]:
        return x, y + x * slope

    return at(0, 0), at(100, 0), at(100, 20), at(0, 20)


def shifted(quad: Quad, x: float, y: float, slope: float) -> Quad:
    a, b, c, d = ((px + x, py + y + x * slope) for px, py in quad)
    return a, b, c, d


def test_a_tilted_page_is_levelled() -> None:
    slope = tan(radians(8))
    pieces = [Piece(f"{i}{j}", shifted(fan(slope), 400 * j, 40 * i, slope), 1.0) for i in range(3) for j in range(2)]
    assert texts(*level(pieces, (600, 200))) == ["00 01", "10 11", "20 21"]
    assert all(19 < w.box[3] - w.box[1] < 23 for w in level(pieces, (600, 200)))


def test_lines_that_fan_out_are_ironed() -> None:
    pieces = [
        Piece(f"{i}{j}", shifted(fan(s), 700 * j, 30 * i, s), 1.0)
        for i, s in enumerate([-0.06, -0.03, 0.0, 0.03, 0.06])
        for j in range(2)
    ]
    assert texts(*level(pieces, (800, 170))) == [f"{i}0 {i}1" for i in range(5)]


def test_nothing_gives_nothing() -> None:
    assert level([], (10, 10)) == ()
    assert rows([]) == ()
