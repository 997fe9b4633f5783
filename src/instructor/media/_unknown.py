"""Words for content that is no medium, or none that was asked for: never a quotation of it."""

from __future__ import annotations

from ._sniff import is_text, root

FOREIGN: tuple[tuple[bytes, str], ...] = (
    (b"PK\x03\x04", "a ZIP archive"),
    (b"PK\x05\x06", "an empty ZIP archive"),
    (b"\x1f\x8b", "gzip-compressed data"),
    (b"BZh", "bzip2-compressed data"),
    (b"\xfd7zXZ\0", "xz-compressed data"),
    (b"(\xb5/\xfd", "zstd-compressed data"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (b"Rar!\x1a\x07", "a RAR archive"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an Office file of the form before 2007 (.doc, .xls, .ppt)"),
    (b"\x7fELF", "a program"),
    (b"MZ", "a Windows program"),
    (b"\xca\xfe\xba\xbe", "a compiled program"),
    (b"SQLite format 3\0", "an SQLite database"),
    (b"PAR1", "a Parquet file"),
    (b"\x93NUMPY", "a NumPy array"),
    (b"\x80\x04\x95", "a Python pickle"),
    (b"8BPS", "a Photoshop picture"),
    (b"\xff\x0a", "a JPEG XL picture"),
    (b"\0\0\0\x0cJXL ", "a JPEG XL picture"),
    (b"\0\0\0\x0cjP  ", "a JPEG 2000 picture"),
    (b"\xff\x4f\xff\x51", "a JPEG 2000 picture"),
    (b"%!PS", "PostScript"),
    (b"MThd", "a MIDI file, which holds notes and no sound"),
    (b"wOFF", "a font"),
    (b"wOF2", "a font"),
    (b"\0\x01\0\0\0", "a font"),
    (b"OTTO", "a font"),
    (b"-----BEGIN", "a key or certificate in PEM form"),
    (b"version https://git-lfs", "a pointer of Git LFS: the file itself was not fetched"),
)
"""First bytes → what is in the file, for formats that are often taken for media."""


def describe(head: bytes) -> str:
    """What unknown content looks like, in words, with the first bytes where they say nothing else."""
    if not head:
        return "empty"
    if not any(head):
        return "nothing but zero bytes"
    for first, words in FOREIGN:
        if head.startswith(first):
            return words
    if not is_text(head):
        return f"binary data that starts with the bytes {head[:8].hex(' ')}"
    name = root(head)
    if name is not None:
        return "an HTML page" if name in ("html", "head", "body") else "XML"
    return "JSON" if head.lstrip()[:1] in (b"{", b"[") else "plain text"
