"""Change which version is active, and remove versions: records on the state topics."""

from collections.abc import Callable

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from models.errors import EngineFailed, InvalidInput
from models.records import RecordKey
from streams.cluster import inhabited
from streams.kafka_reader import KafkaReader
from streams.partition_store import PartitionStore
from streams.state_keys import ACTIVE, SETTINGS, ControlKey, learner_group
from streams.topics import Topic
from streams.versions import Active, Board, Recipe

_AT_ONCE = 1_000


async def read_board(bootstrap: str, partitions: int) -> Board:
    """Return what is known of all versions. Raises EngineFailed."""
    board = Board()
    try:
        async with KafkaReader(bootstrap) as reader:
            for partition in range(partitions):
                async for record in reader.read(Topic.POLICY, partition):
                    board.take(record.key or b"", record.value, record.timestamp / 1000)
    except KafkaError as error:
        raise EngineFailed("kafka", f"the versions cannot be read: {error}") from error
    return board


async def promote(bootstrap: str, partitions: int, application: str, version: str, default: str) -> Active:
    """Serve an application from a version, and return what holds from now on.

    default: the version that is served where none was promoted before. Raises InvalidInput where the version does not
    exist, or its rebuild is not through.
    """
    board = await read_board(bootstrap, partitions)
    board.known(version)
    active = board.active.get(application, Active(default))
    if active.version == version and application in board.active:
        return active
    changed = Active(version, before=active.before) if active.version == version else active.promoted(version)
    await _announce(bootstrap, ControlKey(ACTIVE, application), changed.encode())
    return changed


async def roll_back(bootstrap: str, partitions: int, application: str, default: str) -> Active:
    """Serve an application from the version before the active one, and return what holds from now on."""
    board = await read_board(bootstrap, partitions)
    changed = board.active.get(application, Active(default)).rolled_back(board.progress)
    await _announce(bootstrap, ControlKey(ACTIVE, application), changed.encode())
    return changed


async def begin(bootstrap: str, version: str, recipe: Recipe) -> None:
    """Write down how a version is going to be made."""
    await _announce(bootstrap, ControlKey(SETTINGS, version), recipe.encode())


async def delete(
    bootstrap: str, partitions: int, version: str, default: str, told: Callable[[int], None] = lambda _: None
) -> int:
    """Remove all records of a version, and return how many; told: called with how many are gone so far.

    Raises InvalidInput where the version is active, does not exist, or has workers.
    """
    board = await read_board(bootstrap, partitions)
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
    await _announce(bootstrap, ControlKey(SETTINGS, version), None)
    return gone


async def _announce(bootstrap: str, key: ControlKey, value: bytes | None) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, enable_idempotence=True)
    try:
        await producer.start()
        await producer.send_and_wait(Topic.POLICY, value, key.encode())
    except KafkaError as error:
        raise EngineFailed("kafka", f"{key.kind} of {key.name} was not written: {error}") from error
    finally:
        await producer.stop()
