"""Make the tiny model: `python -m scripts.engine.train OUT [--seed 1]`.

    1  sight    the tower alone learns to tell colours, shapes and digits apart     (with a helper that no file keeps)
    2  whole    all of it learns to answer: pictures and sentences in every round
    3  cool     the same, in ever smaller steps

One core is enough: about half an hour. Each part is kept in OUT as a checkpoint, and not done again where it is there. At
the end: `tiny.gguf`, `tiny-mmproj.gguf`, and `tiny.json` with what was measured on samples that were held out. They are
test assets (`tests/data/engine/`).
"""

from __future__ import annotations

import argparse
import json
import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from . import files, samples, words
from .model import Engine, Shape
from .samples import COLOURS, SHAPES, Sample

CLASSES = [*COLOURS, *SHAPES, *map(str, range(10))]
KINDS = (samples.figure, samples.numeral, samples.person)
FORMS = 0.3
"""How many answers are wanted in another form: as a call, with other keys, in another order."""


# ── what is learnt from ──────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Line:
    """One sample as tokens. The picture, if there is one, goes in at `place`."""

    tokens: list[int]
    answer_from: int
    place: int
    picture: np.ndarray | None


def line(sample: Sample, rng: Random | None) -> Line:
    """A sample in tokens; with a generator, sometimes in another form than the usual."""
    answer, tool, before = sample.answer, "", True
    if rng is not None:
        before = rng.random() < 0.75
        answer, tool = (_other(answer, rng), _tool(rng)) if rng.random() < FORMS else (answer, "")
    said = json.dumps(answer)
    head = [words.BEGIN, *([words.TOOLS, *words.encode(" " + tool)] if tool else []), words.USER]
    asked = [*head, *words.encode(sample.text)]
    wanted = words.encode(f"<function={tool}>{said}" if tool else said)
    tokens = [*asked, words.ASSISTANT, *wanted, words.END]
    picture = None if sample.picture is None else np.asarray(sample.picture)
    return Line(tokens, len(asked) + 1, len(head) if before else len(asked), picture)


def _other(answer: dict[str, object], rng: Random) -> dict[str, object]:
    items = list(answer.items())
    if rng.random() < 0.4:
        items.reverse()
    if rng.random() < 0.3:
        items = items[:1]
    return {("color" if key == "colour" and rng.random() < 0.3 else key): value for key, value in items}


def _tool(rng: Random) -> str:
    if rng.random() < 0.3:
        return ""
    parts = ("Figure", "User", "Person", "Answer", "Shape", "Item", "Digit", "Response", "Picture", "Thing")
    return "".join(rng.sample(parts, rng.choice((1, 1, 2))))


def pixels(pictures: Sequence[np.ndarray]) -> Tensor:
    """Pictures as the engine hands them to the tower: mean and deviation one half."""
    return torch.from_numpy(np.stack(pictures)).permute(0, 3, 1, 2).float() / 127.5 - 1


def targets(batch: Sequence[Sample]) -> Tensor:
    """Which of the classes each picture shows."""
    return torch.tensor([[float(name in map(str, sample.answer.values())) for name in CLASSES] for sample in batch])


# ── the two losses ───────────────────────────────────────────────────────────────────────────────


def sorting_loss(engine: Engine, seen: Tensor, batch: Sequence[Sample]) -> Tensor:
    """Each question about a picture is a choice: which colour, which shape, which digit."""
    scores, wanted = engine.classify(seen.mean(1)), targets(batch)
    loss = scores.new_zeros(())
    for first, last in (
        (0, len(COLOURS)),
        (len(COLOURS), len(COLOURS) + len(SHAPES)),
        (len(CLASSES) - 10, len(CLASSES)),
    ):
        asked = wanted[:, first:last].sum(1) == 1
        if asked.any():
            loss = loss + functional.cross_entropy(scores[asked, first:last], wanted[asked, first:last].argmax(1))
    return loss


def answers(engine: Engine, lines: Sequence[Line], seen: Tensor | None) -> tuple[Tensor, Tensor, Tensor]:
    """For every byte of every answer: logits, the byte, and the number of its line."""
    rows, places, wanted, owners = [], [], [], []
    longest = max(len(one.tokens) for one in lines) + (0 if seen is None else seen.shape[1])
    for number, one in enumerate(lines):
        embedded = engine.embedding(torch.tensor(one.tokens))
        shift = 0
        if seen is not None:
            embedded = torch.cat([embedded[: one.place], seen[number], embedded[one.place :]])
            shift = seen.shape[1]
        rows.append(functional.pad(embedded, (0, 0, 0, longest - len(embedded))))
        count = len(one.tokens) - one.answer_from
        places += [number * longest + shift + one.answer_from - 1 + i for i in range(count)]
        wanted += one.tokens[one.answer_from :]
        owners += [number] * count
    hidden = engine.hidden(torch.stack(rows)).flatten(0, 1)
    return engine.logits(hidden[torch.tensor(places)]), torch.tensor(wanted), torch.tensor(owners)


# ── rounds ───────────────────────────────────────────────────────────────────────────────────────


def rising(done: int, over: int) -> float:
    """From nothing to one, then one."""
    return min(1.0, (done + 1) / over)


def wave(done: int, rounds: int) -> float:
    """Down from one to nearly nothing, as a cosine."""
    return 0.02 + 0.98 * (1 + math.cos(math.pi * done / rounds)) / 2


def step(optimizer: torch.optim.Optimizer, engine: Engine, loss: Tensor, speed: float) -> None:
    for group in optimizer.param_groups:
        group["lr"] = speed
    optimizer.zero_grad()
    loss.backward()
    torch.nn.utils.clip_grad_norm_(engine.parameters(), 1.0)
    optimizer.step()


def sight_rounds(engine: Engine, rounds: int, seed: int) -> Iterator[str]:
    """Pictures only, sorted by the helper."""
    optimizer = torch.optim.AdamW(engine.parameters(), betas=(0.9, 0.98), weight_decay=0.02)
    for done in range(rounds):
        rng = Random(seed * 10**7 + done)
        batch = [samples.figure(rng) if i % 5 < 2 else samples.numeral(rng) for i in range(96)]
        seen = engine.see(pixels([np.asarray(one.picture) for one in batch]))
        loss = sorting_loss(engine, seen, batch)
        step(optimizer, engine, loss, 2e-3 * min(rising(done, 100), wave(done, rounds)))
        yield f"loss {loss.item():.4f}"


def whole_rounds(engine: Engine, rounds: int, seed: int) -> Iterator[str]:
    """Pictures and sentences, answered byte by byte, as the first part of a long way down."""
    return _answering(
        engine,
        rounds,
        seed * 10**7 + 5 * 10**6,
        (20, 12, 48),
        lambda done: 2e-3 * min(rising(done, 100), wave(done, 1800)),
    )


def cool_rounds(engine: Engine, rounds: int, seed: int) -> Iterator[str]:
    """More of the same, down to nothing; mostly shapes, which are what is hardest to tell apart."""
    return _answering(
        engine,
        rounds,
        seed * 10**7 + 8 * 10**6,
        (40, 8, 16),
        lambda done: 1e-3 * rising(done, 20) * (1 - done / rounds),
    )


def _answering(
    engine: Engine, rounds: int, seed: int, counts: tuple[int, int, int], speed: Callable[[int], float]
) -> Iterator[str]:
    """`counts`: how many figures, numerals and people are in a round."""
    optimizer = torch.optim.AdamW(engine.parameters(), betas=(0.9, 0.98), weight_decay=0.02)
    figures, numerals, people = counts
    for done in range(rounds):
        rng = Random(seed + done)
        shown = [samples.figure(rng) for _ in range(figures)] + [samples.numeral(rng) for _ in range(numerals)]
        told = [samples.person(rng) for _ in range(people)]
        lines = [line(one, rng) for one in shown]
        seen = engine.see(pixels([one.picture for one in lines if one.picture is not None]))
        first, bytes_first, _ = answers(engine, lines, seen)
        second, bytes_second, _ = answers(engine, [line(one, rng) for one in told], None)
        picture_loss = functional.cross_entropy(first, bytes_first)
        text_loss = functional.cross_entropy(second, bytes_second)
        loss = picture_loss + text_loss + 0.3 * sorting_loss(engine, seen, shown)
        step(optimizer, engine, loss, speed(done))
        yield f"pictures {picture_loss.item():.4f} sentences {text_loss.item():.4f}"


@torch.no_grad()
def measure(engine: Engine, count: int = 200, first: int = samples.HELD_OUT + 10**6) -> dict[str, float]:
    """How many answers are right in every byte, for each kind, on samples held out."""
    found = {}
    for kind in KINDS:
        batch = [kind(Random(first + i)) for i in range(count)]
        lines = [line(one, None) for one in batch]
        shown = [one.picture for one in lines if one.picture is not None]
        logits, wanted, owners = answers(engine, lines, engine.see(pixels(shown)) if shown else None)
        wrong = set(owners[logits.argmax(-1) != wanted].tolist())
        found[kind.__name__] = 1 - len(wrong) / count
    return found


PARTS = (("sight", sight_rounds, 2000), ("whole", whole_rounds, 1000), ("cool", cool_rounds, 600))
"""Name, what it does, and how often."""


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("out", type=Path)
    options.add_argument("--seed", type=int, default=1)
    chosen = options.parse_args()
    chosen.out.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(1)
    torch.manual_seed(chosen.seed)
    engine = Engine(Shape(), len(CLASSES))
    begun = time.monotonic()
    for name, train, rounds in PARTS:
        kept = chosen.out / f"{name}.pt"
        if kept.exists():
            engine.load_state_dict(torch.load(kept))
            continue
        for done, said in enumerate(train(engine, rounds, chosen.seed), 1):
            if done % 100 == 0:
                print(f"{time.monotonic() - begun:6.0f} s  {name} {done} {said}", flush=True)
        torch.save(engine.state_dict(), kept)
    files.write(engine, chosen.out)
    found = {"right": measure(engine, 500), **files.counts(engine), "seed": chosen.seed}
    (chosen.out / "tiny.json").write_text(json.dumps(found, indent=2) + "\n")
    print(found, flush=True)


if __name__ == "__main__":
    main()
