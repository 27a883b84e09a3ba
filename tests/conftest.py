"""What all tests share."""

import os

import pytest


@pytest.fixture(autouse=True)
def _own_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the settings of whoever runs the tests out of them; session fixtures have read theirs by then."""
    for name in list(os.environ):
        if name.upper().startswith("LTRR_"):
            monkeypatch.delenv(name)
