"""What scanning and photographing do to a picture. Pure functions; every random number has a fixed seed."""

from __future__ import annotations

import io
import zlib

import numpy as np
from PIL import Image, ImageFilter

GROUND = (118, 96, 74)


def seed(*parts: object) -> int:
    """A number that depends on the names only, so that runs and orders do not matter."""
    return zlib.crc32(repr(parts).encode())


def noisy(image: Image.Image, name: str) -> Image.Image:
    """Low contrast, Gaussian grain, then a hard JPEG."""
    rng = np.random.default_rng(seed(name, "noisy"))
    pixels = np.asarray(image, np.float32)
    faded = 70 + pixels * (145 / 255)
    grain = faded + rng.normal(0, 10, pixels.shape).astype(np.float32)
    return _recompressed(Image.fromarray(np.clip(grain, 0, 255).astype(np.uint8)), 35)


def turned(image: Image.Image, degrees: float) -> Image.Image:
    """Turned counter-clockwise; what was outside the sheet is white, as in a scanner."""
    return image.rotate(degrees, Image.Resampling.BICUBIC, expand=True, fillcolor=(255, 255, 255))


def photographed(image: Image.Image, name: str) -> Image.Image:
    """Laid on a table and taken by hand: perspective, uneven light, slight blur, some grain, JPEG."""
    rng = np.random.default_rng(seed(name, "photo"))
    width, height = image.size
    margin = int(0.06 * max(width, height))
    size = (width + 2 * margin, height + 2 * margin)
    jitter = rng.uniform(-0.55, 0.55, (4, 2)) * margin
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], float)
    placed = corners + margin + jitter
    scene = _table(size, rng)
    warped = image.transform(size, Image.Transform.PERSPECTIVE, _perspective(placed, corners), Image.Resampling.BICUBIC)
    sheet = Image.new("L", image.size, 255).transform(
        size, Image.Transform.PERSPECTIVE, _perspective(placed, corners), Image.Resampling.BICUBIC
    )
    scene.paste(warped, mask=sheet)
    return _recompressed(_lit(scene.filter(ImageFilter.GaussianBlur(0.7)), rng), 80)


def _table(size: tuple[int, int], rng: np.random.Generator) -> Image.Image:
    """A wooden surface: streaks along one direction."""
    width, height = size
    streaks = np.cumsum(rng.normal(0, 1.2, height))[:, None, None]
    wood = np.array(GROUND, np.float32) + np.clip(streaks - streaks.mean(), -22, 22)
    wood = np.broadcast_to(wood, (height, width, 3)) + rng.normal(0, 3, (height, width, 1))
    return Image.fromarray(np.clip(wood, 0, 255).astype(np.uint8))


def _lit(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Brighter towards one side, darker towards the other, with sensor grain."""
    pixels = np.asarray(image, np.float32)
    height, width = pixels.shape[:2]
    angle = rng.uniform(0, 2 * np.pi)
    down, along = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    light = 0.84 + 0.16 * (np.cos(angle) * along + np.sin(angle) * down)
    lit = pixels * light[..., None].astype(np.float32) + rng.normal(0, 4, pixels.shape).astype(np.float32)
    return Image.fromarray(np.clip(lit, 0, 255).astype(np.uint8))


def _perspective(source: np.ndarray, target: np.ndarray) -> list[float]:
    """The eight coefficients Pillow wants: they carry `source` points to `target` points."""
    rows: list[list[float]] = []
    for (x, y), (u, v) in zip(source.tolist(), target.tolist(), strict=True):
        rows.append([x, y, 1, 0, 0, 0, -u * x, -u * y])
        rows.append([0, 0, 0, x, y, 1, -v * x, -v * y])
    solution: list[float] = np.linalg.solve(np.array(rows), target.reshape(8)).tolist()
    return solution


def _recompressed(image: Image.Image, quality: int) -> Image.Image:
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=quality)
    return Image.open(io.BytesIO(buffer.getvalue())).convert("RGB")
