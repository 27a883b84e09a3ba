"""Files of the catalogue, written and read."""

import json
import zipfile
from collections.abc import Mapping as Map
from collections.abc import Sequence
from datetime import UTC, datetime
from io import BytesIO
from xml.sax.saxutils import escape

import xlsxwriter

from ltrr.models.errors import InvalidEvent
from ltrr.serving.reading.changes import changes_of
from ltrr.serving.reading.mapping import Mapping, read_mapping
from ltrr.serving.reading.records import Record


def read(content: bytes, mapping: str | Mapping | None = None) -> list[tuple[int, object]]:
    """Return (number, change, or the reason and message of a refusal)."""
    with changes_of(BytesIO(content), read_mapping(mapping) if isinstance(mapping, str) else mapping) as changes:
        return [
            (number, (change.reason, str(change)) if isinstance(change, InvalidEvent) else change)
            for number, change in changes.numbered
        ]


def lines(*records: object) -> bytes:
    """Return JSON lines."""
    return b"".join(json.dumps(one).encode() + b"\n" for one in records)


def table(header: str, *rows: str) -> Sequence[Record]:
    """Return the records of a table."""
    return [{name: cell for name, cell in zip(header.split(","), row.split(","), strict=True) if cell} for row in rows]


def xlsx(sheets: Map[str, Sequence[Sequence[object]]]) -> bytes:
    """Return a workbook with these rows, the same bytes each time; `None` is an empty cell."""
    file = BytesIO()
    with xlsxwriter.Workbook(file, {"default_date_format": "yyyy-mm-dd"}) as book:
        book.set_properties({"created": datetime(2026, 1, 1, tzinfo=UTC)})
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for at, row in enumerate(rows):
                sheet.write_row(at, 0, row)
    return file.getvalue()


def ods(rows: Sequence[Sequence[str]]) -> bytes:
    """Return a workbook of OpenDocument with these texts."""
    of, text = "urn:oasis:names:tc:opendocument:xmlns", '<table:table-cell office:value-type="string"><text:p>'
    cells = (f"{''.join(f'{text}{escape(one)}</text:p></table:table-cell>' for one in row)}" for row in rows)
    written = "".join(f"<table:table-row>{row}</table:table-row>" for row in cells)
    content = (
        f'<?xml version="1.0"?><office:document-content xmlns:office="{of}:office:1.0" xmlns:table="{of}:table:1.0"'
        f' xmlns:text="{of}:text:1.0"><office:body><office:spreadsheet><table:table table:name="S">{written}'
        "</table:table></office:spreadsheet></office:body></office:document-content>"
    )
    manifest = f'<?xml version="1.0"?><manifest:manifest xmlns:manifest="{of}:manifest:1.0"/>'
    return archive(
        {
            "mimetype": "application/vnd.oasis.opendocument.spreadsheet",
            "META-INF/manifest.xml": manifest,
            "content.xml": content,
        }
    )


def archive(parts: Map[str, str]) -> bytes:
    """Return a ZIP archive, the same bytes each time."""
    file = BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, text in parts.items():
            archive.writestr(zipfile.ZipInfo(name), text)
    return file.getvalue()
