"""The programs of Debian's package `prometheus`, where they are installed."""

import os
import shutil

import pytest


def program(name: str) -> str:
    """Return where a program is; skip the test where it is missing, or fail in CI, where nobody would see that."""
    found = shutil.which(name)
    if found is None:
        reason = f"no {name}: install it (Debian: apt-get install prometheus), or put its folder on PATH"
        (pytest.fail if os.environ.get("CI") else pytest.skip)(reason)
    assert found is not None
    return found
