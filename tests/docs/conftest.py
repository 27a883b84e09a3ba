"""A service over the catalogue of README.md."""

import asyncio
import re
from collections.abc import Iterator
from itertools import count

import pytest

from ltrr.serving.service.embedded import EmbeddedService
from ltrr.serving.settings.settings import Settings
from ltrr.streams.events.codec import parse_entity
from tests.docs.pages import README


@pytest.fixture(scope="package")
def service() -> Iterator[EmbeddedService]:
    """Return a service in memory with the catalogue of README.md."""
    settings = Settings(text_deadline_s=5.0, vector_deadline_s=5.0, secret="of the documentation")  # noqa: S106  # ids are the same each time
    service = EmbeddedService(settings, lambda: 1_767_225_600.0, unique=map(str, count()).__next__)
    asyncio.run(service.index.index(parse_entity(line.encode()) for line in readme_catalogue()))
    yield service
    service.close()


def readme_catalogue() -> list[str]:
    """Return the lines of the catalogue that README.md writes."""
    return re.search(r"<<'END'\n(.*?)\nEND\n", README, re.DOTALL)[1].splitlines()
