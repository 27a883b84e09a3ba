"""Lines of files: numbered from 1, blank ones left out, endless ones cut."""

from io import BytesIO
from pathlib import Path

import pytest

from ltrr.models.errors import InvalidEvent, InvalidInput
from ltrr.serving.events.lines import numbered_lines, opened
from ltrr.streams.events.codec import MAX_BYTES, parse_entity


def lines(content: bytes) -> list[tuple[int, bytes]]:
    """Return the lines of a file."""
    return list(numbered_lines(BytesIO(content)))


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", []),
        (b"\n\n  \n\r\n", []),
        (b"a", [(1, b"a")]),
        (b"a\n\nb\r\n  c  \n", [(1, b"a"), (3, b"b"), (4, b"c")]),
        (b"a\n\xef\xbb\xbfb\n", [(1, b"a"), (2, b"b")]),
    ],
)
def test_lines_are_numbered(content: bytes, expected: list[tuple[int, bytes]]):
    """Numbers are those of an editor; blanks around lines, blank lines and marks of the byte order go."""
    assert lines(content) == expected


def test_the_largest_line_is_whole():
    """A line of as many bytes as an event may have is whole, with either end of line."""
    for end in (b"", b"\n", b"\r\n"):
        assert lines(b"x" * MAX_BYTES + end + b"y")[0][1][:MAX_BYTES] == b"x" * MAX_BYTES
        assert lines(b"x" * MAX_BYTES + end) == [(1, b"x" * MAX_BYTES)]


@pytest.mark.parametrize("line", [b"x" * 1_000_000, b'{"a": 1}' + b" " * 1_000_000 + b"rest", b" " * 1_000_000 + b"7"])
def test_a_longer_line_is_cut_and_refused(line: bytes):
    """A line that is too long is one line, read in pieces, that no parser takes, whatever its beginning is."""
    (number, cut), after = lines(b"\n" + line + b"\nlast")
    assert number == 2
    assert MAX_BYTES < len(cut) < MAX_BYTES + 10
    with pytest.raises(InvalidEvent) as caught:
        parse_entity(cut)
    assert caught.value.reason == "too_large"
    assert after == (3, b"last")


def test_what_cannot_be_opened(tmp_path: Path):
    """A file that is not there, or is a folder, is the caller's mistake and is named."""
    for path, reason in ((tmp_path / "none", "No such file or directory"), (tmp_path, "Is a directory")):
        with pytest.raises(InvalidInput, match=f"cannot read {path}: {reason}"), opened(str(path)):
            pass
