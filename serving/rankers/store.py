"""Where trained rankers are kept: on `ltrr.policy`, or in the data folder."""

from typing import Protocol

from ltrr.serving.rankers.folder import RankerFolder
from ltrr.serving.settings.settings import Settings
from ltrr.streams.kafka.admin import check
from ltrr.streams.kafka.brokers import Brokers
from ltrr.streams.state.trained_rankers import RankerKey
from ltrr.streams.versions.promotion import announce, read_board


class RankerStore(Protocol):
    """Keeps one trained ranker for each version and application."""

    async def version(self, application: str) -> str:
        """Return the version that serves an application."""
        ...

    async def rankers(self) -> list[tuple[RankerKey, bytes]]:
        """Return all records, sorted."""
        ...

    async def put(self, version: str, application: str, record: bytes | None) -> None:
        """Keep a record in place of the one before; None removes it."""
        ...


class _OnKafka:
    """Records on the topic of the state."""

    def __init__(self, bootstrap: Brokers, settings: Settings) -> None:
        self._bootstrap = bootstrap
        self._settings = settings

    async def version(self, application: str) -> str:
        board = await read_board(self._bootstrap, self._settings.partitions)
        return board.active.get(application, self._settings.active).version

    async def rankers(self) -> list[tuple[RankerKey, bytes]]:
        return sorted((await read_board(self._bootstrap, self._settings.partitions)).rankers.items())

    async def put(self, version: str, application: str, record: bytes | None) -> None:
        await announce(self._bootstrap, RankerKey(version, application), record)


class _InFolder:
    """Files of the data folder, which has one version."""

    def __init__(self, settings: Settings) -> None:
        self._folder = RankerFolder(settings.data_dir)
        self._version = settings.version

    async def version(self, application: str) -> str:
        del application
        return self._version

    async def rankers(self) -> list[tuple[RankerKey, bytes]]:
        read = ((name, self._folder.read(name)) for name in self._folder.applications())
        return [(RankerKey(self._version, name), record) for name, record in read if record is not None]

    async def put(self, version: str, application: str, record: bytes | None) -> None:
        del version
        self._folder.write(application, record)


def open_store(settings: Settings) -> RankerStore:
    """Return where the settings keep rankers. Raises EngineFailed, InvalidSettings."""
    if settings.brokers is None:
        return _InFolder(settings)
    check(settings.brokers, settings.partitions)
    return _OnKafka(settings.brokers, settings)
