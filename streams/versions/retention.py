"""Remove the versions that nobody needs any more."""

from collections.abc import Mapping
from dataclasses import dataclass

from ltrr.streams.kafka.brokers import Brokers
from ltrr.streams.kafka.cluster import inhabited
from ltrr.streams.state.keys import learner_group
from ltrr.streams.versions.promotion import delete, read_board


@dataclass(frozen=True, slots=True)
class Pruned:
    """What became of each version. removed: version -> its records; kept: version -> why."""

    removed: Mapping[str, int]
    kept: Mapping[str, str]


async def prune(
    bootstrap: Brokers, partitions: int, keep: int, default: str, *, made: str = "", dry_run: bool = False
) -> Pruned:
    """Remove all versions but those that are needed and the `keep` newest of the others.

    Needed are those that an application is served from or a rollback goes to, those with workers, rebuilds that are not
    through, `default`, from which is served what was never promoted, and `made`, which was rebuilt just now. dry_run:
    remove nothing, and tell 0 records. Raises EngineFailed, and InvalidInput where one is promoted at the same moment.
    """
    board = await read_board(bootstrap, partitions)
    learned = inhabited(bootstrap, map(learner_group, board.versions))
    needed = {default: "served where none was promoted", made: "rebuilt just now"}
    needed |= {version: "has workers" for version in board.versions if learner_group(version) in learned}
    superfluous, kept = board.superfluous(keep, needed)
    removed = dict.fromkeys(superfluous, 0)
    for version in () if dry_run else superfluous:
        removed[version] = await delete(bootstrap, partitions, version, default)
    return Pruned(removed, kept)
