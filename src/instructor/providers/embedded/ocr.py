"""Printed text in pictures: rapidocr's detector and recogniser on onnxruntime, with the models of its wheel.

    picture ──cover codes──→ sheet (at most FULL pixels a side, on a margin)
      sheet ──detect at the side that DETECT gives──→ quads
                lines stand upright? ──→ turn the sheet by 90°, detect again
                lines upside down?   ──→ turn it by 180°, detect again
      quads ──crop at full size──→ recognise ──→ Piece … ──rows.level──→ words ──rows.rows──→ Row …

Boxes are in pixels of the upright, straightened picture. Words below CONFIDENT are left out and counted, never
guessed. One engine per process, made on first use, behind a lock: neither it nor its making is thread-safe.
No network: the model files are named, so nothing is left to download.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

from ...values import dataclass
from .reading import Row
from .rows import Piece, Quad, height, level, rows, width
from .ticks import ticks, without
from .unreadable import need

if TYPE_CHECKING:
    from PIL.Image import Image

FULL = 3000
"""Longest side of the sheet that letters are cut from."""
DETECT: tuple[tuple[int, int], ...] = ((1250, 960), (FULL, 1280))
"""(longest side of the sheet up to, longest side in detection). Of a dense A4 page of 7 point at 150 dpi, 1280 gets
98.9 % of the cells right and 960 gets 96.0 %; on a noisy, tilted copy 1600 gets 92.0 %, 1280 91.4 % and 960 80.0 %.
Small pictures read alike at 480, 736 and 960."""
MARGIN = 24
"""Blank pixels added on each side: text that touches an edge is found less well."""
CONFIDENT = 0.72
"""Mean probability of a word's letters from which it counts as read. Measured on small, blurred and noisy print:
1 % of the right words lie below (single letters all), and most of what is made of Hebrew, Armenian or scribble."""
UPRIGHT = 1.5
"""A box so many times higher than wide holds a line that stands on end."""
COLUMN = 3.0
"""In an upright picture only boxes so many times higher than wide do: a single letter is up to twice as high."""
INK = 16
"""A box whose levels differ by less holds nothing: the detector is seldom right about blank paper."""
WITNESSES = 6
"""The widest lines, which are asked whether they stand on their head."""

BARS = frozenset("Il1|/ ")
BESIDE = 0.25
"""Share of a code's lower side within which strokes are still the code's."""

SIGN = {True: "☑", False: "☐"}
"""How a drawn check box is written, ticked or empty."""

FULLWIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
"""The recogniser's alphabet holds Chinese twins of the ASCII signs; in text without Chinese they are ASCII."""

_lock = Lock()


@dataclass(frozen=True, slots=True)
class Seen:
    """What stands on one picture: its rows, and how many boxes could not be read."""

    rows: tuple[Row, ...]
    doubtful: int


def ocr(image: Image, *, page: int = 1, cover: Iterable[Quad] = ()) -> Seen:
    """The rows of text in an RGB picture; areas in `cover` (codes) are not looked at."""
    covered = tuple(cover)
    sheet, scale = _sheet(image, covered)
    with _lock:
        sheet, quads = _upright(sheet)
        drawn = ticks(sheet, quads)
        if drawn:
            sheet = without(sheet, drawn)
            quads = _detect(sheet)
        crops = [(quad, crop) for quad in quads if _has_ink(crop := _crop(sheet, quad))]
        quads = [quad for quad, _ in crops]
        read = _recognise([crop for _, crop in crops])
    sure = [
        (_plain(t), _back(quad, scale), score)
        for (t, score), quad in zip(read, quads, strict=True)
        if score >= CONFIDENT
    ]
    pieces = [Piece(t, quad, round(score, 4)) for t, quad, score in sure if t and not _is_bars(t, quad, covered)]
    pieces += [Piece(SIGN[tick.ticked], _back(tick.quad, scale), 1.0) for tick in drawn]
    size = tuple((side - 2 * MARGIN) / scale for side in (sheet.shape[1], sheet.shape[0]))
    doubtful = sum(score < CONFIDENT for _, score in read)
    return Seen(rows(level(pieces, (size[0], size[1])), page), doubtful)


def doubts(seen: Seen, page: int) -> tuple[str, ...]:
    """A sentence about what could not be read, if anything."""
    if not seen.doubtful:
        return ()
    regions = "1 region" if seen.doubtful == 1 else f"{seen.doubtful} regions"
    why = "scripts other than Latin and Chinese, or handwriting?"
    return (f"{regions} on page {page} could not be read with confidence ({why})",)


# ── the engine ───────────────────────────────────────────────────────────────────────────────────


@cache
def _engine() -> Any:
    """The engine. Its log goes to a logger of its own, which is asked for silence."""
    rapidocr = need("rapidocr")
    models = Path(str(rapidocr.__file__)).parent / "models"
    files = {part: next(models.glob(f"*_{part.lower()}_*.onnx")) for part in ("Det", "Cls", "Rec")}
    limit = max(side for _, side in DETECT)
    return rapidocr.RapidOCR(
        params={
            "Global.log_level": "critical",
            "Global.use_vertical_padding": False,
            "Det.limit_type": "max",
            "Det.limit_side_len": limit,
            **{f"{part}.model_path": str(file) for part, file in files.items()},
        }
    )


def _detect(sheet: Any) -> list[Quad]:
    """The places of text on the sheet, found on a copy of the size that `DETECT` gives."""
    side = max(sheet.shape[:2])
    ratio = next((to for upto, to in DETECT if side <= upto), DETECT[-1][1]) / side
    cv2 = need("cv2")
    smooth = cv2.INTER_AREA if ratio < 1 else cv2.INTER_CUBIC
    small = cv2.resize(sheet, None, fx=ratio, fy=ratio, interpolation=smooth)
    try:
        _, found = _engine().detect_and_crop(small, {})
    except need("rapidocr.main").RapidOCRError:  # its way of saying that there is no text
        return []
    x, y = sheet.shape[1] / small.shape[1], sheet.shape[0] / small.shape[0]
    return [_quad([(float(p[0]) * x, float(p[1]) * y) for p in box]) for box in found.boxes]


def _recognise(crops: list[Any]) -> list[tuple[str, float]]:
    if not crops:
        return []
    result = _engine().recognize_txt(crops)
    return [(str(text).strip(), float(score)) for text, score in zip(result.txts, result.scores, strict=True)]


# ── the sheet ────────────────────────────────────────────────────────────────────────────────────


def _sheet(image: Image, cover: Iterable[Quad]) -> tuple[Any, float]:
    """The picture as a BGR array on a margin, codes painted over, and its scale to the original."""
    np, cv2 = need("numpy"), need("cv2")
    scale = min(1.0, FULL / max(image.size))
    if scale < 1:
        smaller = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
        image = image.resize(smaller, need("PIL.Image").Resampling.BOX)
    pixels = np.ascontiguousarray(np.asarray(image)[:, :, ::-1])
    edge = np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]])
    paper = [int(v) for v in np.median(edge, axis=0)]
    for quad in cover:
        cv2.fillPoly(pixels, [(np.array(quad) * scale).round().astype("int32")], paper)
    return cv2.copyMakeBorder(pixels, *(4 * [MARGIN]), cv2.BORDER_CONSTANT, value=paper), scale


def _upright(sheet: Any) -> tuple[Any, list[Quad]]:
    """The sheet turned so that its lines stand upright, and the places of text on it."""
    quads = _detect(sheet)
    on_end = sum(height(quad) for quad in quads if height(quad) > UPRIGHT * width(quad))
    lying = sum(width(quad) for quad in quads if width(quad) > UPRIGHT * height(quad))
    if on_end > lying:
        sheet, quads = _turned(sheet, 1)
    return _turned(sheet, 2) if _on_head(sheet, quads) else (sheet, quads)


def _turned(sheet: Any, quarters: int) -> tuple[Any, list[Quad]]:
    np = need("numpy")
    turned = np.ascontiguousarray(np.rot90(sheet, quarters))
    return turned, _detect(turned)


def _on_head(sheet: Any, quads: Sequence[Quad]) -> bool:
    """Whether the widest lines say so: the classifier is asked first, and in doubt both ways are read."""
    np = need("numpy")
    witnesses = [_crop(sheet, quad) for quad in sorted(quads, key=width, reverse=True)[:WITNESSES]]
    if not witnesses:
        return False
    _, verdict = _engine().cls_and_rotate(witnesses)
    if 3 * sum(label == "180" for label, _ in verdict.cls_res) < len(witnesses):
        return False
    reversed_ = [np.ascontiguousarray(np.rot90(crop, 2)) for crop in witnesses]
    return _weight(_recognise(reversed_)) > _weight(_recognise(witnesses))


def _weight(read: Iterable[tuple[str, float]]) -> float:
    return sum(score for _, score in read)


def _crop(sheet: Any, quad: Quad) -> Any:
    """The text in a box as a picture of its own, lying straight."""
    np, cv2 = need("numpy"), need("cv2")
    w, h = max(1, round(width(quad))), max(1, round(height(quad)))
    corners = np.array(quad, dtype="float32")
    target = np.array([(0, 0), (w, 0), (w, h), (0, h)], dtype="float32")
    shape = cv2.getPerspectiveTransform(corners, target)
    crop = cv2.warpPerspective(sheet, shape, (w, h), borderMode=cv2.BORDER_REPLICATE, flags=cv2.INTER_CUBIC)
    return np.ascontiguousarray(np.rot90(crop)) if h >= COLUMN * w else crop


def _has_ink(crop: Any) -> bool:
    return bool((crop.max(axis=(0, 1)).astype(int) - crop.min(axis=(0, 1)) >= INK).any())


# ── boxes and text ───────────────────────────────────────────────────────────────────────────────


def _quad(points: Sequence[tuple[float, float]]) -> Quad:
    a, b, c, d = points
    return a, b, c, d


def _back(quad: Quad, scale: float) -> Quad:
    """From the sheet to the picture: without the margin, at the original scale."""
    return _quad([((x - MARGIN) / scale, (y - MARGIN) / scale) for x, y in quad])


def _is_bars(text: str, quad: Quad, covered: Iterable[Quad]) -> bool:
    """Whether it is the guard bars of a bar code, which stick out below the others, taken for letters."""
    return BARS.issuperset(text) and any(_beside(quad, code) for code in covered)


def _beside(quad: Quad, code: Quad) -> bool:
    x, y = (sum(p[i] for p in quad) / 4 for i in (0, 1))
    left, top, right, bottom = (pick(p[i] for p in code) for pick in (min, max) for i in (0, 1))
    reach = BESIDE * min(right - left, bottom - top)
    return left - reach <= x <= right + reach and top - reach <= y <= bottom + reach


def _plain(text: str) -> str:
    """ASCII for the full-width signs of a text without Chinese, Japanese or Korean letters."""
    return text if any("\u2e80" <= letter <= "\ud7ff" for letter in text) else text.translate(FULLWIDTH)
