"""`python -m tests.quality.report [--text] [VARIANT | DOCUMENT] …`: the figures, and every leaf that is not right.

`--text` also prints what was read, which tells a reading error from a filling error.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Iterator, Sequence

from .documents import VARIANTS, Variant
from .measure import Result, measure, reading, summed
from .score import Score

KINDS = ("receipt", "invoice", "form", "table", "badge")


def table(rows: Iterable[tuple[Variant, Sequence[Result]]]) -> Iterator[str]:
    """One line per variant: documents, fields, accuracy by kind and overall, precision."""
    yield (
        f"{'field accuracy':<14}{'docs':>5}{'fields':>7}"
        + "".join(f"{k:>9}" for k in KINDS)
        + (f"{'all':>8}{'precision':>11}{'floor':>7}")
    )
    for variant, results in rows:
        score = summed(tuple(results))
        cells = (_share(summed(tuple(r for r in results if r.document.kind == kind))) for kind in KINDS)
        yield (
            f"{variant.name:<14}{len(results):>5}{score.leaves:>7}"
            + "".join(f"{cell:>9}" for cell in cells)
            + f"{_share(score):>8}{score.precision:>11.3f}{variant.floor:>7.2f}"
        )


def failures(results: Iterable[Result], text: bool = False) -> Iterator[str]:
    """Every leaf that is not right, under its document."""
    for result in results:
        wrong = [leaf for leaf in result.leaves if leaf.verdict != "right"]
        if not wrong:
            continue
        yield f"\n{result.variant.name} / {result.document.name}: {_share(result.score)}"
        for leaf in wrong:
            yield f"  {leaf.verdict:<9}{leaf.path:<34} truth {leaf.truth!r:<34} got {leaf.got!r}"
        if text:
            yield from _read(result)


def _read(result: Result) -> Iterator[str]:
    seen = reading(result.document, result.variant)
    for row in seen.rows:
        yield "  | " + "   ".join(word.text for word in row.words)
    for code in seen.codes:
        yield f"  # {code.format} {code.text}"


def _share(score: Score) -> str:
    return f"{score.accuracy:.3f}" if score.leaves else "-"


def main(arguments: Sequence[str]) -> None:
    text = "--text" in arguments
    asked = {argument for argument in arguments if argument != "--text"}
    names = asked & {variant.name for variant in VARIANTS}
    rows: list[tuple[Variant, tuple[Result, ...]]] = []
    for variant in VARIANTS:
        if names and variant.name not in names:
            continue
        start = time.perf_counter()
        rows.append((variant, measure(variant)))
        print(f"{variant.name}: {time.perf_counter() - start:.1f} s", file=sys.stderr)
    wanted = asked - names
    for _, results in rows:
        chosen = [r for r in results if not wanted or r.document.name in wanted]
        print("\n".join(failures(chosen, text)))
    print("\n" + "\n".join(table(rows)))


if __name__ == "__main__":
    main(sys.argv[1:])
