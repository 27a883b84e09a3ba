"""Catalogues in Parquet, read with pyarrow."""

from base64 import b64encode
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from io import BufferedReader, BytesIO
from typing import Any

from ltrr.models.errors import InvalidInput
from ltrr.serving.reading.records import Record, Records


def read(file: BufferedReader) -> Records:
    """Return the rows of a Parquet file. Raises InvalidInput where it is damaged, or pyarrow is missing."""
    try:
        from pyarrow import ArrowException  # noqa: PLC0415  # an optional extra
        from pyarrow.parquet import ParquetFile  # noqa: PLC0415
    except ImportError:
        raise InvalidInput("Parquet needs pyarrow: pip install '.[parquet]', or convert the file to CSV") from None
    try:
        table = ParquetFile(file if file.seekable() else BytesIO(file.read()))
    except (ArrowException, OSError) as error:
        raise InvalidInput(f"the file is no whole Parquet: {error}; make it anew") from error

    def rows() -> Iterator[tuple[int, Record]]:
        number = 0
        try:
            for batch in table.iter_batches():
                for row in batch.to_pylist():
                    number += 1
                    yield number, {str(name): _json(value) for name, value in row.items()}
        except (ArrowException, OSError) as error:
            raise InvalidInput(f"row {number + 1} of the Parquet cannot be read: {error}; make it anew") from error

    return Records("Parquet", "row", rows(), columns=tuple(table.schema_arrow.names))


def _json(value: Any) -> Any:  # noqa: ANN401, PLR0911  # what Arrow holds, as JSON
    """Return a value as JSON has it; dates as ISO 8601."""
    match value:
        case datetime():
            return (value if value.tzinfo else value.replace(tzinfo=UTC)).isoformat()
        case date():
            return value.isoformat()
        case Decimal():
            return float(value)
        case float() if value != value:  # noqa: PLR0124  # what is not known stands as NaN in many files
            return None
        case bytes():
            return b64encode(value).decode()
        case list() if value and all(isinstance(one, tuple) for one in value):  # a map
            return {str(name): _json(one) for name, one in value}
        case list():
            return [_json(one) for one in value]
        case dict():
            return {name: _json(one) for name, one in value.items()}
    return value if isinstance(value, (str, int, float, bool, type(None))) else str(value)
