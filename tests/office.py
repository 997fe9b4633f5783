"""Small documents of office programs, written by hand: the least that their programs open."""

# ruff: noqa: E501 - XML is read in lines of its own

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping

XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
OOXML = "http://schemas.openxmlformats.org"
RELS = f"{OOXML}/officeDocument/2006/relationships"
TYPES = f"{OOXML}/package/2006/content-types"
PACKAGE = f"{OOXML}/package/2006/relationships"


def archive(entries: Mapping[str, str | bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in entries.items():
            how = zipfile.ZIP_STORED if name == "mimetype" else zipfile.ZIP_DEFLATED
            file.writestr(name, content, how)
    return out.getvalue()


def _types(**parts: str) -> str:
    rows = "".join(f'<Override PartName="{name}" ContentType="{kind}"/>' for name, kind in parts.items())
    return (
        f'{XML}<Types xmlns="{TYPES}"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.'
        f'relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>{rows}</Types>'
    )


def _rels(*rows: tuple[str, str]) -> str:
    inner = "".join(
        f'<Relationship Id="rId{n}" Type="{RELS}/{kind}" Target="{to}"/>' for n, (kind, to) in enumerate(rows, 1)
    )
    return f'{XML}<Relationships xmlns="{PACKAGE}">{inner}</Relationships>'


def docx(text: str = "Widgets cost 42 euros") -> bytes:
    w = f"{OOXML}/wordprocessingml/2006/main"
    body = (
        '<w:p><w:pPr><w:pStyle w:val="Heading1"/></w:pPr><w:r><w:t>Prices</w:t></w:r></w:p>'
        f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>"
        "<w:tbl><w:tblPr/><w:tblGrid><w:gridCol/><w:gridCol/></w:tblGrid>"
        + "".join(
            "<w:tr>"
            + "".join(f"<w:tc><w:tcPr/><w:p><w:r><w:t>{cell}</w:t></w:r></w:p></w:tc>" for cell in row)
            + "</w:tr>"
            for row in (("sku", "price"), ("A-1", "42"))
        )
        + "</w:tbl>"
    )
    kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    return archive(
        {
            "[Content_Types].xml": _types(**{"/word/document.xml": kind}),
            "_rels/.rels": _rels(("officeDocument", "word/document.xml")),
            "word/document.xml": f'{XML}<w:document xmlns:w="{w}"><w:body>{body}</w:body></w:document>',
        }
    )


def xlsx() -> bytes:
    s = f"{OOXML}/spreadsheetml/2006/main"
    base = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    rows = (
        '<row r="1"><c r="A1" t="inlineStr"><is><t>sku</t></is></c><c r="B1" t="inlineStr"><is><t>price</t></is></c></row>'
        '<row r="2"><c r="A2" t="inlineStr"><is><t>Widgets</t></is></c><c r="B2"><v>42</v></c></row>'
    )
    return archive(
        {
            "[Content_Types].xml": _types(
                **{"/xl/workbook.xml": f"{base}.sheet.main+xml", "/xl/worksheets/sheet1.xml": f"{base}.worksheet+xml"}
            ),
            "_rels/.rels": _rels(("officeDocument", "xl/workbook.xml")),
            "xl/workbook.xml": f'{XML}<workbook xmlns="{s}" xmlns:r="{RELS}"><sheets><sheet name="Prices" sheetId="1" r:id="rId1"/></sheets></workbook>',
            "xl/_rels/workbook.xml.rels": _rels(("worksheet", "worksheets/sheet1.xml")),
            "xl/worksheets/sheet1.xml": f'{XML}<worksheet xmlns="{s}"><sheetData>{rows}</sheetData></worksheet>',
        }
    )


def pptx() -> bytes:
    p, a = f"{OOXML}/presentationml/2006/main", f"{OOXML}/drawingml/2006/main"
    base = "application/vnd.openxmlformats-officedocument.presentationml"
    shape = (
        '<p:sp><p:nvSpPr><p:cNvPr id="2" name="Title"/><p:cNvSpPr/><p:nvPr><p:ph type="title"/></p:nvPr></p:nvSpPr><p:spPr/>'
        "<p:txBody><a:bodyPr/><a:p><a:r><a:t>Widgets cost 42 euros</a:t></a:r></a:p></p:txBody></p:sp>"
    )
    tree = (
        '<p:cSld><p:spTree><p:nvGrpSpPr><p:cNvPr id="1" name=""/><p:cNvGrpSpPr/><p:nvPr/></p:nvGrpSpPr><p:grpSpPr/>'
        f"{shape}</p:spTree></p:cSld>"
    )
    return archive(
        {
            "[Content_Types].xml": _types(
                **{
                    "/ppt/presentation.xml": f"{base}.presentation.main+xml",
                    "/ppt/slides/slide1.xml": f"{base}.slide+xml",
                }
            ),
            "_rels/.rels": _rels(("officeDocument", "ppt/presentation.xml")),
            "ppt/presentation.xml": f'{XML}<p:presentation xmlns:p="{p}" xmlns:a="{a}" xmlns:r="{RELS}"><p:sldIdLst><p:sldId id="256" r:id="rId1"/></p:sldIdLst></p:presentation>',
            "ppt/_rels/presentation.xml.rels": _rels(("slide", "slides/slide1.xml")),
            "ppt/slides/slide1.xml": f'{XML}<p:sld xmlns:p="{p}" xmlns:a="{a}" xmlns:r="{RELS}">{tree}</p:sld>',
        }
    )


ODF = "urn:oasis:names:tc:opendocument:xmlns"


def _odf(kind: str, body: str) -> bytes:
    spaces = " ".join(f'xmlns:{n}="{ODF}:{n}:1.0"' for n in ("office", "text", "table"))
    spaces += f' xmlns:draw="{ODF}:drawing:1.0" xmlns:presentation="{ODF}:presentation:1.0"'
    mime = f"application/vnd.oasis.opendocument.{kind}"
    return archive(
        {
            "mimetype": mime,
            "META-INF/manifest.xml": f'{XML}<manifest:manifest xmlns:manifest="{ODF}:manifest:1.0" manifest:version="1.2"><manifest:file-entry manifest:full-path="/" manifest:media-type="{mime}"/><manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/></manifest:manifest>',
            "content.xml": f'{XML}<office:document-content {spaces} office:version="1.2"><office:body>{body}</office:body></office:document-content>',
        }
    )


def odt() -> bytes:
    return _odf(
        "text",
        '<office:text><text:h text:outline-level="1">Prices</text:h><text:p>Widgets cost 42 euros</text:p></office:text>',
    )


def ods() -> bytes:
    def row(*cells: str) -> str:
        return (
            "<table:table-row>"
            + "".join(
                f'<table:table-cell office:value-type="string"><text:p>{cell}</text:p></table:table-cell>'
                for cell in cells
            )
            + "</table:table-row>"
        )

    return _odf(
        "spreadsheet",
        f'<office:spreadsheet><table:table table:name="Prices">{row("sku", "price")}{row("Widgets", "42")}</table:table></office:spreadsheet>',
    )


def odp() -> bytes:
    return _odf(
        "presentation",
        '<office:presentation><draw:page draw:name="one"><draw:frame><draw:text-box><text:p>Widgets cost 42 euros</text:p></draw:text-box></draw:frame></draw:page></office:presentation>',
    )


def rtf() -> bytes:
    return rb"{\rtf1\ansi\deff0{\fonttbl{\f0 Times;}}\f0 Widgets cost {\b 42} euros\par Caf\'e9\par}"


def epub() -> bytes:
    return archive(
        {
            "mimetype": "application/epub+zip",
            "META-INF/container.xml": f'{XML}<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles><rootfile full-path="book.opf" media-type="application/oebps-package+xml"/></rootfiles></container>',
            "book.opf": f'{XML}<package xmlns="http://www.idpf.org/2007/opf" version="3.0" unique-identifier="id"><metadata xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:identifier id="id">x</dc:identifier><dc:title>Prices</dc:title><dc:language>en</dc:language></metadata><manifest><item id="a" href="a.xhtml" media-type="application/xhtml+xml"/></manifest><spine><itemref idref="a"/></spine></package>',
            "a.xhtml": f'{XML}<html xmlns="http://www.w3.org/1999/xhtml"><head><title>Prices</title></head><body><h1>Prices</h1><p>Widgets cost 42 euros</p></body></html>',
        }
    )


MAKERS = {"docx": docx, "xlsx": xlsx, "pptx": pptx, "odt": odt, "ods": ods, "odp": odp, "rtf": rtf, "epub": epub}
