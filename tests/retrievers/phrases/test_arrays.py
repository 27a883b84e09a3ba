"""Arrays in a file."""

from pathlib import Path

import numpy as np
import pytest

from ltrr.retrievers.phrases import arrays


def test_read_as_written(tmp_path: Path) -> None:
    """Arrays of all sizes, none too, and facts are there again, under the digest that writing told."""
    written = {"a": np.arange(7, dtype=np.uint32), "b": np.array([0.1, 0.2]), "none": np.empty(0), "c": np.arange(3)}
    digest = arrays.write(tmp_path / "file.bin", {"names": ["ä", ""]}, written)
    held = arrays.read(tmp_path / "file.bin")
    assert (held.digest, held.facts) == (digest, {"names": ["ä", ""]})
    for name, array in written.items():
        assert held.arrays[name].dtype == array.dtype
        assert held.arrays[name].tolist() == array.tolist()
    assert [path.name for path in tmp_path.iterdir()] == ["file.bin"]


@pytest.mark.parametrize("kept", [0, 10, 60, -1])
def test_torn_file_is_refused(tmp_path: Path, kept: int) -> None:
    """A file that lacks its end, or has another byte somewhere, is not read."""
    path = tmp_path / "file.bin"
    arrays.write(path, {}, {"a": np.arange(100)})
    whole = path.read_bytes()
    path.write_bytes(whole[:kept])
    with pytest.raises(ValueError, match="torn"):
        arrays.read(path)
    path.write_bytes(whole[:-3] + b"x" + whole[-2:])
    with pytest.raises(ValueError, match="torn"):
        arrays.read(path)


def test_lists_keep_their_order() -> None:
    """Values are listed by their owner, in the order in which they came; some owners have none."""
    ends, values = arrays.lists(np.array([2, 0, 2, 3]), np.array([5, 6, 7, 8]), 5)
    assert ends.tolist() == [0, 1, 1, 3, 4, 4]
    assert values.tolist() == [6, 5, 7, 8]


def test_small_numbers_take_four_bytes() -> None:
    """Others take eight."""
    assert arrays.small([1, 2]).dtype == np.uint32
    assert arrays.small([1 << 40]).dtype == np.uint64
    assert len(arrays.small([])) == 0
