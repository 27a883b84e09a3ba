"""Change which version is active, and remove versions: records on the state topics."""

from collections.abc import Callable

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from ltrr.models.errors import EngineFailed, InvalidInput
from ltrr.models.state.records import RecordKey
from ltrr.streams.events.topics import Topic
from ltrr.streams.kafka.brokers import Brokers
from ltrr.streams.kafka.cluster import inhabited
from ltrr.streams.kafka.reader import reading
from ltrr.streams.state.keys import ACTIVE, SETTINGS, ChangeKey, ControlKey, learner_group
from ltrr.streams.state.partition_store import PartitionStore
from ltrr.streams.state.trained_rankers import RankerKey
from ltrr.streams.versions.active import Active, Mode
from ltrr.streams.versions.versions import Board, Recipe

_AT_ONCE = 1_000


async def read_board(bootstrap: Brokers, partitions: int) -> Board:
    """Return what is known of all versions. Raises EngineFailed."""
    board = Board()
    async with reading(bootstrap, "the versions cannot be read") as reader:
        for partition in range(partitions):
            async for record in reader.read(Topic.POLICY, partition):
                board.take(record.key or b"", record.value, record.timestamp / 1000)
    return board


async def promote(
    bootstrap: Brokers, partitions: int, application: str, version: str, default: Active, mode: Mode = Mode.ONLINE
) -> Active:
    """Serve an application from a version, or put that into the shadow, and return what holds from now on.

    default: what holds where nothing was promoted before. Raises InvalidInput where the version does not exist, or its
    rebuild is not through.
    """
    board = await read_board(bootstrap, partitions)
    board.known(version)
    active = board.active.get(application, default)
    changed = active.promoted(version, mode, board.progress)
    if changed != active or application not in board.active:
        await announce(bootstrap, ControlKey(ACTIVE, application), changed.encode())
    return changed


async def roll_back(bootstrap: Brokers, partitions: int, application: str, default: Active) -> Active:
    """Serve an application from what came before, or end its shadow, and return what holds from now on."""
    board = await read_board(bootstrap, partitions)
    changed = board.active.get(application, default).rolled_back(board.progress)
    await announce(bootstrap, ControlKey(ACTIVE, application), changed.encode())
    return changed


async def begin(bootstrap: Brokers, version: str, recipe: Recipe) -> None:
    """Write down how a version is going to be made."""
    await announce(bootstrap, ControlKey(SETTINGS, version), recipe.encode())


async def delete(
    bootstrap: Brokers, partitions: int, version: str, default: str, told: Callable[[int], None] = lambda _: None
) -> int:
    """Remove all records of a version, and return how many; told: called with how many are gone so far.

    Raises InvalidInput where the version is active or in a shadow, does not exist, or has workers.
    """
    board = await read_board(bootstrap, partitions)
    shadowed = sorted(name for name, active in board.active.items() if active.shadow == version)
    if shadowed:
        where = ", ".join(shadowed)
        raise InvalidInput(f"{version!r} is in the shadow of {where}: end that with `ltrr policy rollback` first")
    served = sorted(name for name, active in board.active.items() if active.version == version)
    if served or (version == default and not board.active):
        where = ", ".join(served) or "all applications, since none was promoted yet"
        raise InvalidInput(f"{version!r} is active for {where}: promote another version first")
    if version not in board.versions:
        board.known(version)
    if inhabited(bootstrap, [learner_group(version)]):
        raise InvalidInput(f"workers learn {version!r}: end them first")
    gone = 0
    for partition in range(partitions):
        store = PartitionStore(bootstrap, version, partition)
        try:
            # the progress goes last: what was killed on the way is still listed, and deleted by the next call
            keys = sorted(await store.open(), key=lambda key: key.kind == "progress")
            for first in range(0, len(keys), _AT_ONCE):
                some: dict[RecordKey, bytes | None] = dict.fromkeys(keys[first : first + _AT_ONCE])
                await store.write(some, [])
                gone += len(some)
                told(gone)
        finally:
            await store.close()
    about: list[RankerKey | ChangeKey] = [*board.rankers, *board.changes]
    for key in about:
        if key.version == version:
            await announce(bootstrap, key, None)
            gone += 1
    await announce(bootstrap, ControlKey(SETTINGS, version), None)
    return gone


async def announce(bootstrap: Brokers, key: ControlKey | ChangeKey | RankerKey, value: bytes | None) -> None:
    """Write a record about a version. Raises EngineFailed."""
    producer = AIOKafkaProducer(**bootstrap.client(), enable_idempotence=True)
    try:
        await producer.start()
        await producer.send_and_wait(Topic.POLICY, value, key.encode())
    except KafkaError as error:
        raise EngineFailed("kafka", f"the record {key.encode().decode()} was not written: {error}") from error
    finally:
        await producer.stop()
