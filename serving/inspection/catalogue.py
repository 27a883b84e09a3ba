"""The index of the data folder, the loads that did not end, and what was done there of late."""

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from ltrr.models.errors import InvalidInput, InvalidSettings
from ltrr.retrievers.index.cards import stored_facts, stored_places
from ltrr.serving.events.bookmark import interrupted
from ltrr.serving.inspection.acted import acted_on
from ltrr.serving.inspection.finding import Finding, finding_of
from ltrr.serving.inspection.one_visitor import visitors_of
from ltrr.serving.inspection.recent import Recent
from ltrr.serving.settings.settings import Settings
from ltrr.streams.files.room import used_bytes

_NAMED: Final = 5


def examine_catalogue(settings: Settings) -> Iterator[Finding]:
    """Yield how large the index of the data folder is, which on Kafka need not be here, and which loads did not end."""
    index = settings.data_dir / "index"
    if settings.brokers is None or index.exists():
        yield finding_of("index", lambda: _index(index, settings.applications), worst="warning")
        yield finding_of("stemmer", lambda: _stemmer(index, settings.stemmer))
    if settings.brokers is None and (settings.data_dir / "log").is_dir():
        recent = Recent(settings)
        yield finding_of("actions", lambda: acted_on(recent, index), worst="warning")
        yield finding_of("visitors", lambda: visitors_of(recent), worst="warning")
    for load in interrupted(settings.data_dir):
        how = "the same `ltrr index` goes on there" if load.same else "`ltrr index` begins it anew, as it has changed"
        if not load.file.exists():
            how = "it is not there any more"
        said = f"{load.file} was loaded up to line {load.line}: unless that goes on right now, {how}"
        yield Finding("load", "warning", f"{said}; without {load.kept_in} it is forgotten")


def _index(folder: Path, served: Sequence[str]) -> str:
    """Return how many entities there are. Raises where there are none, or some that no search finds."""
    held = Counter(place.application for place in stored_places(folder))
    if not held:
        raise InvalidInput("no entities yet: load a catalogue with `ltrr index FILE`")
    entities = f"{sum(held.values()):,} entities, {used_bytes(folder) / 1e6:,.0f} MB on disk"
    unserved = [f"{name} ({count:,})" for name, count in held.most_common() if name not in served]
    if unserved:
        raise InvalidInput(
            f"{entities}; no search finds those of applications that are not served: {', '.join(unserved[:_NAMED])}: "
            f"add the application to LTRR_APPLICATIONS, or load the file again for what is served ({', '.join(served)})"
        )
    return entities


def _stemmer(folder: Path, stemmer: str) -> str:
    """Return the language that words are stemmed in. Raises InvalidSettings where the index was made with another."""
    made_with = stored_facts(folder).get("stemmer", stemmer)
    if made_with != stemmer:
        raise InvalidSettings(
            f"the index was made with LTRR_STEMMER={made_with}, not {stemmer}: set it so, or run `ltrr index rebuild`"
        )
    return f"{stemmer}: words are found in their other forms in that language"
