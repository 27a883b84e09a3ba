"""What a process that follows a service makes of a search is what the service itself would."""

import asyncio
import itertools
import shutil
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from ltrr.models.errors import InvalidSettings
from ltrr.models.records.entity import Entity
from ltrr.models.records.impression import Impression
from ltrr.retrievers.index.cards import Cards
from ltrr.serving.metrics import Laps
from ltrr.serving.processes.in_folder import FolderSearching, copy_index
from ltrr.serving.search.draws import Drawn
from ltrr.serving.search.messages import SearchRequest, SearchResponse
from ltrr.serving.service.embedded import EmbeddedService
from ltrr.serving.settings.settings import Settings
from ltrr.streams.files.room import Room
from tests.serving.shop import NOON_S, UNBOUNDED, WORDS, catalogue


def test_pages_are_those_of_the_service(tmp_path: Path):
    """To the last number logged, before and after more is learned, forgotten and put into the catalogue."""
    settings = Settings(text_deadline_s=10.0, vector_deadline_s=10.0, **UNBOUNDED)
    service = EmbeddedService(settings, lambda: NOON_S, tmp_path)
    asyncio.run(service.index.index(catalogue()))
    service.close()
    other = tmp_path / "other"
    shutil.copytree(tmp_path / "index", other / "index")
    copy_index(other, 1, Room(other, settings.disk_reserve_mb))
    numbers = itertools.count()
    service = EmbeddedService(settings, lambda: NOON_S, tmp_path, lambda: f"query-{next(numbers)}")
    learner = service._learner

    async def compared() -> None:
        await learn(service, "ada", range(8))
        follower = FolderSearching(settings, other, 0)
        for records in learner.follow():
            follower.learned(records)
        try:
            await same(service, follower)
            await learn(service, "bob", range(8, 18))
            await service.erase("ada")
            new = [Entity("new", "song", "zanzibar love", popularity=99.0)]
            assert await service.change(new) == await follower.change(new) == 1
            follower.learned(learner.fresh())
            assert not learner.fresh()
            await same(service, follower)
        finally:
            await follower.stop()

    asyncio.run(compared())
    service.close()


async def learn(service: EmbeddedService, user: str, turns: range) -> None:
    """Search and click."""
    for turn in turns:
        answer = await service.search(SearchRequest(query=WORDS[turn % len(WORDS)], user_id=user, session_id=user))
        event = {"query_id": answer.query_id, "action_name": "click", "timestamp": NOON_S, "object_id": "song-1"}
        event["event_attributes"] = {"object": {"object_id": answer.items[0].object_id}}  # type: ignore[assignment]
        assert (await service.intake.take_events(str(event).replace("'", '"').encode()))["accepted"] == 1


async def same(service: EmbeddedService, follower: FolderSearching) -> None:
    """Compare what both make of a search for each word."""
    for number, word in enumerate((*WORDS, "zanzibar", "lvoe")):
        request = SearchRequest(query=word, user_id=service.naming.visitors.name("bob"), explain=True)
        drawn = Drawn(f"query-{number}", 1000 + number, 1.0)
        one = await service._worker._paging.page(request, NOON_S, drawn, Laps(service.metrics))
        other = await follower.paging.page(request, NOON_S, drawn, Laps(follower.metrics))
        assert steady(*one) == steady(*other)


def steady(page: Impression, sent: SearchResponse) -> tuple[Impression, SearchResponse]:
    """Return a page without what differs from run to run."""
    return replace(page, latencies_ms={}), sent


def test_copies_are_made_anew(tmp_path: Path):
    """Each start copies what the index holds then; what was left of more processes is gone."""
    room = Room(tmp_path, 0)
    (tmp_path / "index").mkdir()
    (tmp_path / "index" / "cards").write_text("old")
    copy_index(tmp_path, 2, room)
    (tmp_path / "index" / "cards").write_text("new")
    copy_index(tmp_path, 1, room)
    found = sorted(path.relative_to(tmp_path).as_posix() for path in (tmp_path / "serve").rglob("cards"))
    assert found == ["serve/0/index/cards"]
    assert (tmp_path / "serve" / "0" / "index" / "cards").read_text() == "new"


def test_copies_are_gone_after_the_end(tmp_path: Path):
    """What a service has copied for its processes it removes, whether it ever ran or could not begin."""
    service = EmbeddedService(Settings(), lambda: NOON_S, tmp_path, workers=2)
    assert sorted(path.name for path in (tmp_path / "serve").iterdir()) == ["0", "1"]
    service.close()
    assert not (tmp_path / "serve").exists()
    with closing(Cards(tmp_path / "index" / "cards.sqlite")) as cards:
        cards.note(text="another engine")
    with pytest.raises(InvalidSettings, match="made with text=another engine"):
        EmbeddedService(Settings(), lambda: NOON_S, tmp_path, workers=2)
    assert not (tmp_path / "serve").exists()


def test_a_copy_has_the_holes_of_the_index(tmp_path: Path):
    """What is nowhere on the disk takes no room in a copy, and reads as it did."""
    index = tmp_path / "index"
    index.mkdir()
    with (index / "vectors").open("wb") as file:
        file.write(b"begins")
        file.seek(30_000_000)
        file.write(b"in the middle")
        file.truncate(50_000_000)
    (index / "empty").touch()
    copy_index(tmp_path, 1, Room(tmp_path, Settings().disk_reserve_mb))
    copied = tmp_path / "serve" / "0" / "index"
    assert (copied / "vectors").read_bytes() == (index / "vectors").read_bytes()
    assert (copied / "vectors").stat().st_blocks * 512 < 1_000_000
    assert (copied / "empty").read_bytes() == b""
