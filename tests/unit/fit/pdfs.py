"""PDFs for the tests, written by hand: pages of print, locked ones, and one without pages."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import md5

PAD = bytes.fromhex("28BF4E5E4E758A4164004E56FFFA01082E2E00B6D0683E802F0CA9FE6453697A")
"""ISO 32000-1, 7.6.3.3."""
ID = b"0123456789abcdef"


def pdf(pages: int, *, password: str | None = None, weight: int = 0, size: tuple[int, int] = (595, 842)) -> bytes:
    """A PDF whose pages say their number; each carries `weight` bytes that do not compress."""
    kids = b" ".join(b"%d 0 R" % (4 + 2 * index) for index in range(pages))
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[%s]/Count %d>>" % (kids, pages),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    lock = Lock(password) if password is not None else None
    for index in range(pages):
        content = b"BT /F1 24 Tf 72 700 Td (Page %d) Tj ET\n" % (index + 1) + _ballast(weight, index)
        if lock:
            content = lock.encrypted(content, 5 + 2 * index)
        objects.append(
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 %d %d]/Resources<</Font<</F1 3 0 R>>>>/Contents %d 0 R>>"
            % (*size, 5 + 2 * index)
        )
        objects.append(b"<</Length %d>>stream\n%s\nendstream" % (len(content), content))
    return _file(objects, lock.entry if lock else b"")


def _ballast(weight: int, seed: int) -> bytes:
    words: list[bytes] = []
    while sum(map(len, words)) < weight:
        words.append(md5(b"%d-%d" % (seed, len(words))).hexdigest().encode())
    return b"".join(b"%" + word + b"\n" for word in words)


def _file(objects: Iterable[bytes], trailer: bytes) -> bytes:
    written, places = b"%PDF-1.4\n", list[int]()
    for number, content in enumerate(objects, 1):
        places.append(len(written))
        written += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    count = len(places) + 1
    return written + b"xref\n0 %d\n0000000000 65535 f \n%strailer<</Size %d/Root 1 0 R%s>>\nstartxref\n%d\n%%%%EOF" % (
        count,
        table,
        count,
        trailer,
        len(written),
    )


class Lock:
    """The standard security handler, revision 2 (ISO 32000-1, 7.6.3), with one password for user and owner."""

    def __init__(self, password: str) -> None:
        padded = (password.encode() + PAD)[:32]
        owner = rc4(md5(padded).digest()[:5], padded)
        self.key = md5(padded + owner + (-4).to_bytes(4, "little", signed=True) + ID).digest()[:5]
        user = rc4(self.key, PAD)
        self.entry = b"/Encrypt<</Filter/Standard/V 1/R 2/O<%s>/U<%s>/P -4>>/ID[<%s><%s>]" % (
            owner.hex().encode(),
            user.hex().encode(),
            ID.hex().encode(),
            ID.hex().encode(),
        )

    def encrypted(self, content: bytes, number: int) -> bytes:
        return rc4(md5(self.key + number.to_bytes(3, "little") + b"\0\0").digest()[:10], content)


def rc4(key: bytes, data: bytes) -> bytes:
    state = list(range(256))
    j = 0
    for i in range(256):
        j = (j + state[i] + key[i % len(key)]) % 256
        state[i], state[j] = state[j], state[i]
    out, i, j = bytearray(), 0, 0
    for byte in data:
        i = (i + 1) % 256
        j = (j + state[i]) % 256
        state[i], state[j] = state[j], state[i]
        out.append(byte ^ state[(state[i] + state[j]) % 256])
    return bytes(out)
