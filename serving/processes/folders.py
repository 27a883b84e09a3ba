"""Where the processes that search keep what is theirs."""

from pathlib import Path


def folder_of(folder: Path, number: int | None = None) -> Path:
    """Return the folder of a process, within the data folder of its service; that of all without a number."""
    home = folder / "serve"
    return home if number is None else home / str(number)
