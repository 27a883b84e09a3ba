"""Full text where the artist is a value alone; names and descriptions are in test_arms."""

import asyncio

from ltrr.models.records.entity import Entity
from ltrr.models.records.query import Query
from ltrr.models.text import normalise, tokenise
from ltrr.retrievers.engines.embedded_text import EmbeddedText
from ltrr.retrievers.strategies.fulltext import FullText


def test_title_and_artist_find_the_song() -> None:
    """A song of this title and artist comes before one that has the artist twice, in its name as well."""
    songs = [
        Entity("meant", "song", "Armageddon", {"artist": {"Ying Yang Twins": 1.0}}),
        Entity("other", "song", "The Ying Yang Twins", {"artist": {"Ying Yang Twins": 1.0}}),
        *(Entity(f"{n}", "song", f"Armageddon {n}", {"artist": {f"Artist {n}": 1.0}}) for n in range(10)),
        *(Entity(f"{n}", "song", f"Song {n}", {"artist": {f"Artist {n}": 1.0}}) for n in range(200, 400)),
    ]
    engine = EmbeddedText()
    engine.index(songs)
    text = "armageddon ying yang twins"
    query = Query(text, normalise(text), tokenise(text), 1_700_000_000.0, 1)
    requests = FullText(lambda _, ids: [None for _ in ids]).requests(query, 10)
    [hits] = asyncio.run(engine.search(list(requests.values())))
    assert [hit.object_id for hit in hits][:2] == ["meant", "other"]
    engine.close()
