"""A service with a catalogue, and no settings from outside."""

import os
from collections.abc import Iterator

import pytest

from ltrr.serving.settings.refusals import PREFIX
from tests.serving.shop import Shop


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.upper().startswith(PREFIX):
            monkeypatch.delenv(name)


@pytest.fixture
def shop() -> Iterator[Shop]:
    """Return a service in memory."""
    with Shop() as shop:
        yield shop


@pytest.fixture(scope="module")
def standing() -> Iterator[Shop]:
    """Return a service in memory that the tests of a module share: for what leaves no trace in one another."""
    with Shop() as shop:
        yield shop
