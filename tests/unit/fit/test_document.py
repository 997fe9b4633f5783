"""Documents of office programs: as they are where they are taken, else as Markdown; damage is seen before anything else."""

from __future__ import annotations

import sys
import zipfile
from io import BytesIO
from pathlib import Path

import pytest

from instructor import Document, Fit
from instructor.errors import MediaTooLarge, MissingExtra, UnreadableMedia, UnsupportedMedia
from instructor.fit import Limits, fit_document
from instructor.media.document import DOCX, ODP, ODT, OFFICE, PPTX, RTF, XLSX
from instructor.providers import _registry
from tests import office

TEXTS = Limits(Document.textual)


def of(name: str) -> Document:
    return Document.from_bytes(office.MAKERS[name](), name=f"prices.{name}")


@pytest.mark.parametrize("name", [name for name in office.MAKERS if name != "odp"])
def test_office_files_become_markdown(name: str) -> None:
    document = of(name)
    fitted = fit_document(document, TEXTS)
    text = fitted.medium
    assert isinstance(text, Document)
    assert (text.media_type, text.name) == ("text/markdown", "prices.md")
    assert "Widgets" in text.text()
    assert "42" in text.text()
    (change,) = fitted.changes
    assert change.what == "converted to text"
    assert change.before.media_type == document.media_type
    assert "is not taken; pictures, charts, comments and layout are left out" in change.why


def test_tables_stay_tables() -> None:
    for name in ("docx", "xlsx", "ods"):
        assert "| sku | price |" in fit_document(of(name), TEXTS).medium.text()  # type: ignore[attr-defined]


def test_marks_stay() -> None:
    assert fit_document(of("docx").replace(cache_control=True), TEXTS).medium.cache_control is not None


def test_what_is_taken_is_the_same_object() -> None:
    document = of("docx")
    assert fit_document(document, Limits(frozenset({DOCX}))).medium is document
    for content in (b"a,b,c\n1,2,3\n4,5,6\n", b'{"a": 1}', b"<html><body>x</body></html>", b"# head\n"):
        text = Document.from_bytes(content)
        assert fit_document(text, TEXTS).medium is text


def test_elsewhere() -> None:
    there = Document.from_url("https://example.org/a.docx")
    assert fit_document(there, TEXTS).medium is there


def test_strict() -> None:
    with pytest.raises(UnsupportedMedia, match="may not be changed"):
        fit_document(of("docx"), TEXTS, Fit.STRICT)


def test_without_the_converter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "kreuzberg", None)
    with pytest.raises(MissingExtra, match=r"kreuzberg.*instructor-multimodal\[office\]"):
        fit_document(of("docx"), TEXTS)
    assert fit_document(of("docx"), Limits(frozenset({DOCX}))).media


def test_what_the_converter_does_not_read() -> None:
    with pytest.raises(UnsupportedMedia, match=r"opendocument.presentation is not taken.*convert it first"):
        fit_document(of("odp"), TEXTS)
    with pytest.raises(UnsupportedMedia, match="is not taken, only text/csv"):
        fit_document(of("docx"), Limits(frozenset({"text/csv"})))


def test_damage() -> None:
    whole = office.docx()
    for content in (whole[:-40], whole[:-22]):
        for limits in (TEXTS, Limits(OFFICE)):
            with pytest.raises(UnreadableMedia, match="damaged or cut off"):
                fit_document(Document.from_bytes(content), limits)
    at = whole.index(b"word/document.xml") + 30
    garbled = whole[:at] + bytes(40) + whole[at + 40 :]
    with pytest.raises(UnreadableMedia, match=r"cannot be read|holds no text"):
        fit_document(Document.from_bytes(garbled), TEXTS)
    with pytest.raises(UnreadableMedia, match="holds no text"):
        fit_document(Document.from_bytes(rb"{\rtf1 }"), TEXTS)
    with pytest.raises(UnreadableMedia, match="is not utf-8-sig text"):
        fit_document(Document.from_bytes(b"caf\xc3\xa9 " * 1000 + b"\xe9 au lait"), TEXTS)


def test_locked_archives() -> None:
    locked = bytearray(office.docx())
    at = locked.rindex(b"PK\x01\x02")
    locked[at + 8] |= 1
    with pytest.raises(UnreadableMedia, match="locked with a password"):
        fit_document(Document.from_bytes(bytes(locked)), TEXTS)


def test_bombs_are_refused_by_what_they_claim() -> None:
    for limits in (TEXTS, Limits(OFFICE)):
        with pytest.raises(MediaTooLarge, match="claims 4 entries of 4,294"):
            fit_document(Document.from_bytes(claiming(office.docx(), 0xFFFFFFFE)), limits)


def claiming(content: bytes, size: int) -> bytes:
    """An archive whose directory says that a new last entry holds so many bytes."""
    stream = BytesIO(content)
    with zipfile.ZipFile(stream, "a") as archive:
        archive.writestr("word/media.bin", b"x")
    changed = bytearray(stream.getvalue())
    at = changed.rindex(b"PK\x01\x02")
    changed[at + 24 : at + 28] = size.to_bytes(4, "little")
    return bytes(changed)


def test_a_limit_on_bytes_counts_the_text() -> None:
    with pytest.raises(MediaTooLarge, match="at most 10 are taken"):
        fit_document(of("docx"), Limits(Document.textual, max_bytes=10))
    assert fit_document(of("docx"), Limits(Document.textual, max_bytes=200)).medium.size < 200  # type: ignore[operator]


def test_which_providers_take_office_files_as_they_are() -> None:
    taken = {}
    for name in _registry.names():
        row = _registry.find(name).adapter.media.get(Document)
        assert row is not None, name
        assert row.limits.mimes >= Document.textual, name
        taken[name] = row.limits.mimes & OFFICE
    assert taken["openai-responses"] == {DOCX, XLSX, PPTX, ODT, RTF}
    assert taken["bedrock"] == {DOCX, XLSX}
    assert not any(mimes for name, mimes in taken.items() if name not in ("openai-responses", "bedrock"))


def test_by_hand(tmp_path: Path) -> None:
    path = tmp_path / "prices.docx"
    path.write_bytes(office.docx())
    document = Document.from_path(path)
    assert document.fit("bedrock/amazon.nova-pro-v1:0").medium is document
    assert document.fit("openai-responses/gpt-6").medium is document
    assert document.fit("anthropic/claude-haiku-4-5").medium.media_type == "text/markdown"
    with pytest.raises(UnsupportedMedia, match="openai takes application/json"):
        Document.from_bytes(office.odp()).fit("openai/gpt-6")
    assert ODP in OFFICE
