"""The work that every library does: what is asked, with which media, and the answer that comes back.

All ask for a tool call, which every library here can; each with the same messages, files and response model. This
module is loaded in the environments of all libraries, so it knows pydantic alone.
"""

from __future__ import annotations

import base64
import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import BaseModel, Field

MODEL = "gpt-4o-mini"
KEY = "a-key-for-this-machine"


Files = Sequence[Any]
"""The pictures of one call: their paths, contents, base64 texts or addresses, as the job has it."""


class Person(BaseModel):
    """A person."""

    name: str
    age: int


class Address(BaseModel):
    """Where something goes."""

    name: str = Field(description="Who receives it")
    street: str
    city: str
    postcode: str
    country: str = Field(description="Two letters")
    phone: str | None = None


class Line(BaseModel):
    """One line of an invoice."""

    sku: str
    text: str = Field(description="As printed")
    quantity: float
    unit: str
    price: float
    discount: float = 0.0
    tax_rate: float
    total: float


class Bank(BaseModel):
    """Where the money goes."""

    holder: str
    iban: str
    bic: str | None = None
    reference: str


class Invoice(BaseModel):
    """40 fields: 16 of its own, two addresses of 6, lines of 8, a bank account of 4."""

    number: str = Field(description="As printed at the top")
    issued: str = Field(description="ISO date")
    due: str
    delivered: str | None = None
    currency: str
    order: str | None = None
    seller: Address
    buyer: Address
    lines: list[Line]
    bank: Bank
    net: float
    tax: float
    gross: float
    paid: bool
    notes: str | None = None
    language: str = "en"


PERSON = {"name": "Jason", "age": 20}
ADDRESS = {"name": "Ada", "street": "1 Main St", "city": "Bath", "postcode": "BA1", "country": "GB", "phone": None}
LINE = {
    "sku": "A-1",
    "text": "Paper, white",
    "quantity": 3.0,
    "unit": "box",
    "price": 4.5,
    "discount": 0.0,
    "tax_rate": 0.2,
    "total": 13.5,
}
INVOICE = {
    "number": "2026-117",
    "issued": "2026-11-02",
    "due": "2026-12-02",
    "delivered": None,
    "currency": "GBP",
    "order": "PO-9",
    "seller": ADDRESS,
    "buyer": ADDRESS,
    "lines": [LINE] * 10,
    "bank": {"holder": "Ada", "iban": "GB00TEST", "bic": None, "reference": "2026-117"},
    "net": 135.0,
    "tax": 27.0,
    "gross": 162.0,
    "paid": False,
    "notes": None,
    "language": "en",
}

SENTENCE = "Jason told me that he is twenty years old, that he collects stamps and that he likes the sea. "
"""A turn of the history is a few of these."""


@dataclass(frozen=True, slots=True)
class Job:
    """One call: the messages, how many pictures go behind the last one's words, the response model, the answer; how the
    pictures are given, how often the answer may be asked for again, and whether texts may stand for pictures."""

    name: str
    label: str
    messages: tuple[Mapping[str, Any], ...]
    model: type[BaseModel]
    answer: Mapping[str, Any]
    pictures: int = 0
    how: str = "path"
    retries: int = 0
    autodetect: bool = False

    def conversation(self, *media: Any) -> list[Any]:
        """The messages, the last one with media."""
        if not media:
            return list(self.messages)
        *before, last = self.messages
        return [*before, {"role": last["role"], "content": [last["content"], *media]}]

    def brought(self, got: BaseModel) -> bool:
        """Whether that is what the server sent."""
        return got.model_dump() == self.answer


def _said(content: str) -> Mapping[str, Any]:
    return {"role": "user", "content": content}


def _history(count: int) -> tuple[Mapping[str, Any], ...]:
    roles = ("user", "assistant")
    turns = [{"role": roles[i % 2], "content": f"{i}: {SENTENCE * (1 + i % 3)}"} for i in range(count - 1)]
    return (*turns, _said("Who was that?"))


_JOBS = (
    Job("text", "1 message, 2 fields", (_said("Jason is 20 years old."),), Person, PERSON),
    Job("history", "50 messages, 2 fields", _history(50), Person, PERSON),
    Job("large", "1 message, 40 fields", (_said("Read the invoice."),), Invoice, INVOICE),
    Job("images", "3 images of 20 kB, 2 fields", (_said("Who is this?"),), Person, PERSON, 3),
    Job("image", "1 image, 2 fields", (_said("Who is this?"),), Person, PERSON, 1),
)
JOBS: Mapping[str, Job] = {job.name: job for job in _JOBS}


def job(name: str) -> Job:
    """A job by name; `prompt-1000` has a prompt of so many characters, as a list of one string."""
    kind, _, characters = name.partition("-")
    if kind != "prompt":
        return JOBS[name]
    text = (SENTENCE * (int(characters) // len(SENTENCE) + 1))[: int(characters)]
    return Job(name, f"{int(characters):,} characters", ({"role": "user", "content": [text]},), Person, PERSON)


def given(files: Files, how: str) -> Files:
    """Files as a library is given them: what is not a path or an address is read now."""
    if how == "bytes":
        return [Path(path).read_bytes() for path in files]
    if how == "base64":
        return [base64.b64encode(Path(path).read_bytes()).decode("ascii") for path in files]
    return files


WRONG = {"name": "Jason", "age": "twenty or so"}
"""An answer that does not validate."""


@cache
def tool(model: type[BaseModel]) -> dict[str, Any]:
    """The two parameters that ask for a call of the tool that fills the model, as one writes them by hand."""
    name, schema = model.__name__, model.model_json_schema()
    function = {"name": name, "description": model.__doc__, "parameters": schema}
    return {
        "tools": [{"type": "function", "function": function}],
        "tool_choice": {"type": "function", "function": {"name": name}},
    }


def response(of: Job, answer: Mapping[str, Any] | None = None) -> bytes:
    """The body of the provider's answer: the job's, or another."""
    call = {
        "id": "call_1",
        "type": "function",
        "function": {"name": of.model.__name__, "arguments": json.dumps(answer or of.answer)},
    }
    wire = {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1_790_000_000,
        "model": MODEL,
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": None, "tool_calls": [call], "refusal": None},
                "logprobs": None,
                "finish_reason": "tool_calls",
            }
        ],
        "usage": {
            "prompt_tokens": 120,
            "completion_tokens": 30,
            "total_tokens": 150,
            "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 0},
            "completion_tokens_details": {"reasoning_tokens": 0, "audio_tokens": 0},
        },
        "system_fingerprint": None,
    }
    return json.dumps(wire).encode()


SMALL_JPEG = base64.b64decode(
    "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAFA3PEY8MlBGQUZaVVBfeMiCeG5uePWvuZHI////////////////////////////////////////////"
    "////////wAALCAAwAEABAREA/8QAFQABAQAAAAAAAAAAAAAAAAAAAAP/xAAUEAEAAAAAAAAAAAAAAAAAAAAA/9oACAEBAAA/ALgAAAAAAAAAAAAAAA//2Q=="
)
END_BYTES = 2  # the marker that ends a picture


def jpeg(size: int) -> bytes:
    """A valid JPEG file of `size` bytes, made up as a photo is: some header, then one long scan. The scan is that of a small
    picture, and noise, which nothing packs and which decoders pass over.
    """
    noise = (
        random.Random(size).randbytes(max(0, size - len(SMALL_JPEG))).replace(b"\xff", b"\x7f")
    )  # that begins a marker
    return SMALL_JPEG[:-END_BYTES] + noise + SMALL_JPEG[-END_BYTES:]


CROWD_BYTES = 20_000
PICTURE = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c49444154789c63f8cfc0000003010100c9fe92ef"
    "0000000049454e44ae426082"
)
"""A PNG of one pixel. What follows its end is part of the file and of no picture."""


def pictures(folder: Path, count: int, size: int, *, differ: bool = False) -> tuple[str, ...]:
    """JPEG files of about `size` bytes each, written to a folder. Those that `differ` do so throughout."""
    content, names = jpeg(size), []
    for i in range(count):
        path = folder / f"picture-{i}-{size}{'-own' if differ else ''}.jpg"
        path.write_bytes(jpeg(size + i) if differ else content)
        names.append(str(path))
    return tuple(names)
