"""What the tiny model learns from, and is asked about: a picture or a sentence, a question, and the answer's JSON.

    figure(rng)    a coloured shape on a plain ground    {"colour": "red", "shape": "circle"}
    numeral(rng)   a digit                               {"digit": 7}
    person(rng)    a sentence                            {"name": "Ada", "age": 36}

Everything is drawn from the generator that is passed in, so a seed names a sample for good. Tests draw theirs from seeds
that training never uses (`HELD_OUT`).
"""

from __future__ import annotations

import io
import json
import math
from dataclasses import dataclass
from random import Random
from typing import Any

from PIL import Image, ImageDraw, ImageFont

SIDE = 56
"""Pixels of a picture's side: what the vision tower takes."""

HELD_OUT = 10**9
"""Seeds from here on are for tests; training stays below."""

COLOURS = {
    "red": (215, 40, 40),
    "green": (40, 165, 60),
    "blue": (45, 75, 215),
    "yellow": (240, 215, 45),
    "purple": (140, 50, 170),
    "orange": (245, 140, 30),
}
SHAPES = ("circle", "square", "triangle", "cross")
GROUNDS = ((250, 250, 250), (225, 225, 230), (200, 205, 205), (60, 60, 65), (25, 25, 30))

FIRST = """Ada Alan Alice Amara Anna Ben Bob Carla Chen Clara David Dora Elif Emma Erik Eva Farid Femi Finn Grace Hana Hugo
Ida Igor Ines Ivan Jack Jane Jason Joan Jonas Julia Kai Karim Lara Lea Leo Lina Luca Maria Marta Max Mia Mila Nadia Nina
Noah Olga Omar Oscar Paul Petra Rosa Ruth Sam Sara Sofia Tariq Theo Tom Uma Vera Victor Wei Yara Yuki Zoe""".split()

SENTENCES = (
    "{name} is {age} years old.",
    "{name} is {age}.",
    "My name is {name} and I am {age} years old.",
    "I am {name}, {age} years old.",
    "{name}, aged {age}, lives here.",
    "Meet {name}, who is {age}.",
    "{name} turned {age} last week.",
    "This is {name}. Age: {age}.",
    "Name: {name}, age: {age}",
    "At {age}, {name} still plays chess.",
    "{name} ({age}) works in a bakery.",
    "Extract: {name} is {age} years old",
)
QUESTIONS = (
    "What is this?",
    "What is in the picture?",
    "What do you see?",
    "Describe the picture.",
    "Which colour and shape is it?",
    "Look at the image.",
    "Which one?",
)
ASKED = ("", "", "Who is this? ", "Extract the person: ", "Extract the user. ", "Read this: ")


@dataclass(frozen=True, slots=True)
class Sample:
    """One question with its answer. `picture` is None for a sentence."""

    text: str
    answer: dict[str, Any]
    picture: Image.Image | None = None

    @property
    def json(self) -> str:
        return json.dumps(self.answer)


def png(picture: Image.Image) -> bytes:
    """The picture as a PNG file."""
    stream = io.BytesIO()
    picture.save(stream, "PNG")
    return stream.getvalue()


# ── pictures ─────────────────────────────────────────────────────────────────────────────────────


def figure(rng: Random) -> Sample:
    """A coloured shape, anywhere, of any size, turned, on any ground."""
    colour, shape = rng.choice(list(COLOURS)), rng.choice(SHAPES)
    ground = _jittered(rng, rng.choice(GROUNDS), 6)
    scale = 4  # drawn larger, then made smaller: smooth edges
    canvas = Image.new("RGB", (SIDE * scale, SIDE * scale), ground)
    radius = rng.uniform(10, 22)
    x, y = (rng.uniform(radius + 1, SIDE - radius - 1) for _ in range(2))
    turn = rng.uniform(-0.3, 0.3)
    points = [(scale * (x + radius * px), scale * (y + radius * py)) for px, py in _outline(shape, turn)]
    ImageDraw.Draw(canvas).polygon(points, fill=_jittered(rng, COLOURS[colour], 18))
    picture = canvas.resize((SIDE, SIDE), Image.Resampling.BOX)
    return Sample(rng.choice(QUESTIONS), {"colour": colour, "shape": shape}, picture)


def _outline(shape: str, turn: float) -> list[tuple[float, float]]:
    """The corners of a shape that fits the unit circle, turned by so many radians."""
    if shape == "cross":
        arm = 0.33
        corners = [(arm, 1), (arm, arm), (1, arm), (1, -arm), (arm, -arm), (arm, -1)]
        corners += [(-px, -py) for px, py in corners]
        corners = [(px * 0.94, py * 0.94) for px, py in corners]
    else:
        count = {"circle": 40, "square": 4, "triangle": 3}[shape]
        first = {"circle": 0.0, "square": math.pi / 4, "triangle": -math.pi / 2}[shape]
        corners = [
            (math.cos(first + 2 * math.pi * i / count), math.sin(first + 2 * math.pi * i / count)) for i in range(count)
        ]
    cos, sin = math.cos(turn), math.sin(turn)
    return [(px * cos - py * sin, px * sin + py * cos) for px, py in corners]


def numeral(rng: Random) -> Sample:
    """A digit, anywhere, in any grey on another."""
    digit = rng.randrange(10)
    dark, light = rng.randrange(0, 70), rng.randrange(185, 256)
    ink, ground = (dark, light) if rng.random() < 0.7 else (light, dark)
    picture = Image.new("RGB", (SIDE, SIDE), (ground,) * 3)
    font = ImageFont.load_default(rng.randrange(36, 50))
    centre = tuple(SIDE / 2 + rng.uniform(-6, 6) for _ in range(2))
    ImageDraw.Draw(picture).text(centre, str(digit), fill=(ink,) * 3, font=font, anchor="mm")
    return Sample(rng.choice(("Which digit is this?", "Read the digit.", "Which number?")), {"digit": digit}, picture)


def _jittered(rng: Random, colour: tuple[int, int, int], by: int) -> tuple[int, int, int]:
    red, green, blue = (min(255, max(0, part + rng.randint(-by, by))) for part in colour)
    return red, green, blue


# ── sentences ────────────────────────────────────────────────────────────────────────────────────


def person(rng: Random) -> Sample:
    """A sentence about a name and an age; half of the names are letters at random, so that they must be copied."""
    name = rng.choice(FIRST) if rng.random() < 0.4 else _invented(rng)
    if rng.random() < 0.15:
        name += " " + _invented(rng)
    age = rng.randrange(1, 100)
    return Sample(rng.choice(ASKED) + rng.choice(SENTENCES).format(name=name, age=age), {"name": name, "age": age})


def _invented(rng: Random) -> str:
    letters = [
        rng.choice("aeiou" if i % 2 == rng.randrange(2) else "bcdfghjklmnprstvwyz") for i in range(rng.randint(3, 8))
    ]
    return "".join(letters).capitalize()
