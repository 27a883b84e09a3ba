"""`ltrr bench trust`, on a catalogue that the tests make up."""

import json
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from ltrr.bench import trust
from ltrr.bench.known_items import catalogue
from ltrr.bench.known_items.fts5 import Fts5
from ltrr.bench.known_items.items import KnownItem, described_items, known_items
from ltrr.bench.known_items.visits import Clicks, blind, bots_alone, visits
from ltrr.models.errors import InvalidInput
from ltrr.models.records.entity import Entity
from ltrr.serving.commands.cli import app
from tests.bench.documents import check

pytestmark = pytest.mark.whole

FIRST = ("Silent", "Golden", "Broken", "Distant", "Paper", "Winter")
SECOND = ("River", "Mirror", "Harbour", "Engine", "Garden", "Letter", "Signal")
ARTISTS = ("Amber Lake", "The Moths", "Nora Field", "Low Tide")
CONDITIONS = (
    "fresh",
    "28 silent",
    "10% clicked",
    "30% clicked",
    "100% clicked",
    "learned, silent",
    "bots",
    "bots alone",
    "blind, many",
    "blind, one",
    "learned, blind",
)


def song(name: str, artist: str, **fields: object) -> dict:
    """Return a line of a catalogue."""
    return {
        "object_id": f"{name}/{artist}",
        "type": "song",
        "name": name,
        "attributes": {"artist": {artist: 1}},
    } | fields


def write(path: Path, *lines: dict) -> Path:
    """Write a catalogue."""
    path.write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    return path


@pytest.fixture
def songs(tmp_path: Path) -> Path:
    """Write a catalogue of 42 songs by four artists, and a bad line."""
    names = [f"{first} {second}" for first in FIRST for second in SECOND]
    lines = [song(name, ARTISTS[number % len(ARTISTS)]) for number, name in enumerate(names)]
    return write(tmp_path / "songs.jsonl", *lines, {"object_id": "nameless"})


def entity(object_id: str, name: str, **attributes: list[str]) -> Entity:
    """Return an entity of values of weight 1."""
    return Entity(object_id, "thing", name, {key: dict.fromkeys(values, 1.0) for key, values in attributes.items()})


def texts(*entities: Entity) -> list[str]:
    """Return the queries of those that can be asked for."""
    return [item.text for item in known_items(entities)]


def test_measures_every_condition_twice_alike(songs: Path):
    """Each condition has its figures and targets, and a seed gives the same ones again to the last bit."""
    document = trust.run(songs, seed=3)
    check(document, "trust")
    figures, targets = document.figures, {target.figure: target for target in document.targets}
    assert figures["FTS5: top-1"].value == figures["FTS5: top-10"].value == 1.0
    assert all(0 <= one.low <= one.value <= one.high <= 1 for name, one in figures.items() if ": top-" in name)
    for condition in CONDITIONS:
        for depth in (1, 10):
            ahead = f"{condition}: lead-{depth}"
            assert figures[ahead].value == pytest.approx(figures[f"{condition}: top-{depth}"].value - 1.0)
            target = targets.pop(ahead)
            if condition.startswith("100%") and depth == 1:
                assert (target.op, target.limit, target.met) == (">", 0.0, figures[ahead].value == 0.0)
            else:
                assert (target.op, target.limit, target.met) == (">=", -0.01, figures[ahead].value >= -0.01)
        assert figures[f"{condition}: calls"].value > 0
    empty, churn = targets.pop("empty pages"), targets.pop("churn, 28 silent")
    assert empty.met == (figures[empty.figure].value == 0.0)
    assert churn.met == (figures[churn.figure].value < 0.05)
    assert all(": change-1" in name for name in targets)
    assert "42 entities, 1 bad lines" in document.notes[0]
    assert trust.run(songs, seed=3).figures == figures


def test_one_item_is_enough(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    """With one item there is nothing to learn from; it is asked for all the same, and no interval is made up."""
    path = write(tmp_path / "one.jsonl", song("River", "Low Tide"))
    app(["bench", "trust", "--data", str(path), "--queries", "50"], standalone_mode=False)
    assert "? to ?" in capsys.readouterr().out


def test_says_what_cannot_be_asked(tmp_path: Path):
    """A file without entities, and one in which all have the same name, are refused in words; so is none at all."""
    with pytest.raises(InvalidInput, match=r"holds no entity \(1 bad lines\)"):
        trust.run(write(tmp_path / "bad.jsonl", {"object_id": "", "name": "Low Tide"}))
    with pytest.raises(InvalidInput, match="no column is called like a name"):
        trust.run(write(tmp_path / "nameless.jsonl", {"object_id": "nameless"}))
    same = [song("River", "Low Tide") | {"object_id": object_id} for object_id in "ab"]
    with pytest.raises(InvalidInput, match="nothing to look for"):
        trust.run(write(tmp_path / "same.jsonl", *same))
    with pytest.raises(InvalidInput, match="cannot read"):
        trust.run(tmp_path / "none.jsonl")


def test_reads_what_a_file_leaves(tmp_path: Path):
    """Deleted entities are gone, the newest version stays, and the application with the most entities is searched."""
    lines = [
        song("River", "Low Tide", object_id="a", version=2),
        song("Old River", "Low Tide", object_id="a", version=1),
        song("Mirror", "Low Tide", object_id="b"),
        {"object_id": "b", "deleted": True},
        song("Garden", "Low Tide", object_id="c"),
        song("Elsewhere", "Low Tide", object_id="d", application="shop"),
    ]
    entities, bad = catalogue.read(write(tmp_path / "changes.jsonl", *lines))
    assert [one.name for one in entities] == ["River", "Garden"]
    assert bad == 0


def test_items_are_named_as_people_do():
    """A song's artist and a product's brand are named; numbers, and what numbers items, are not."""
    assert texts(
        entity("1", "River", artist=["Low Tide"], genre=["pop"], isrc=["QZ1"]),
        entity("2", "River", artist=["The Moths"], genre=["pop"], isrc=["QZ2"]),
        entity("3", "Mirror", artist=["Low Tide"], genre=["folk"], isrc=["QZ3"]),
        entity("4", "Mirror", artist=["Amber Lake"], genre=["folk"], isrc=["QZ4"]),
    ) == ["River Low Tide", "River The Moths", "Mirror Low Tide", "Mirror Amber Lake"]
    assert texts(
        entity("1", "Acme Anvil", brand=["Acme"], price=["9.99"]),
        entity("2", "Anvil", brand=["Acme"], price=["9.99"]),
        entity("3", "Rope", price=["19.99"]),
        entity("4", "Acme", brand=["Acme"], price=["29.99"]),
    ) == ["Acme Anvil", "Anvil Acme", "Rope", "Acme Acme"]


def test_the_strongest_value_is_named():
    """Of an item's values the one of the largest weight stands in the query, the rarest among equals."""
    shared = [entity(str(number), f"Thing {number}", artist=["Low Tide", "The Moths"]) for number in range(2)]
    weighted = Entity("w", "song", "River", {"artist": {"The Moths": 0.5, "Low Tide": 1.0}})
    rare = entity("r", "Mirror", artist=["The Moths", "Amber Lake"])
    assert texts(*shared, weighted, rare)[2:] == ["River Low Tide", "Mirror Amber Lake"]


def test_what_two_items_are_called_is_not_asked():
    """A query that is also another entity's, once both are normalised, means neither."""
    assert texts(entity("1", "Río"), entity("2", "rio"), entity("3", "Lake")) == ["Lake"]


def test_fts5_takes_any_text():
    """Operators and quotes in a query are words, marks stay in them, and punctuation alone finds nothing."""
    entities = [entity("a", "Near and far"), entity("b", 'The "OR" gate'), entity("c", "हिन्दी गीत"), entity("d", "!!!")]
    with closing(Fts5(entities)) as fts5:
        assert fts5.search("NEAR(far", 10) == ("a",)
        assert fts5.search('"OR" gate*', 10) == ("b",)
        assert fts5.search("हिन्दी", 10) == ("c",)
        assert fts5.search("हिन", 10) == fts5.search("!!!", 10) == fts5.search("", 10) == ()
    with closing(Fts5([entity(object_id, "River") for object_id in "cab"])) as fts5:
        assert fts5.search("river", 2) == ("c", "a"), "among equals what came first is first"


def test_visitors_and_bots():
    """People click more at a higher rate, the same ones among them; one search in ten is of each bot."""
    items = [KnownItem(str(number), str(number)) for number in range(200)]
    assert all(visit.clicks is Clicks.NOTHING for visit in visits(items, 0.0, 1))
    assert all(visit.clicks is Clicks.FOUND for visit in visits(items, 1.0, 1))
    few, many = ({v.item for v in visits(items, rate, 1) if v.clicks is Clicks.FOUND} for rate in (0.1, 0.3))
    assert few < many
    assert len(few) / 200 == pytest.approx(0.1, abs=0.06)
    assert len({visit.sender for visit in visits(items, 0.3, 1)}) == 50
    mixed = visits(items, 0.3, 1, bots=True)
    assert [visit.sender for visit in mixed].count("bot-idle") == 20
    greedy = [visit for visit in mixed if visit.sender == "bot-greedy"]
    assert len(greedy) == 20
    assert {visit.clicks for visit in greedy} == {Clicks.EVERYTHING}


def test_bots_and_the_blind_alone():
    """Bots take turns where nobody else comes; the blind click one item of each page, wherever chance will have it."""
    items = [KnownItem(str(number), str(number)) for number in range(200)]
    assert [(v.sender, v.clicks) for v in bots_alone(items)[:3]] == [
        ("bot-idle", Clicks.NOTHING),
        ("bot-greedy", Clicks.EVERYTHING),
        ("bot-idle", Clicks.NOTHING),
    ]
    many = blind(items, 1, senders=200)
    assert {visit.clicks for visit in many} == {Clicks.ANY}
    assert len({visit.sender for visit in many}) == 200
    assert {visit.sender for visit in blind(items, 1, senders=1)} == {"bot-blind-0"}
    assert np.histogram([visit.draw for visit in many], bins=4, range=(0, 1))[0] == pytest.approx(50, abs=20)


def test_kinds_of_query_are_asked_after_each_was_clicked_alone(tmp_path: Path):
    """Names, mistyped names and words of descriptions: fresh, and what clicks on one of them change of the others."""
    words = ("amber", "basil", "cedar", "daisy", "elder", "fennel", "ginger", "hazel", "indigo", "jasmine")
    lines = [
        song(f"{first} {second}", "Nora Field", description=f"{words[one % 10]} {words[one // 10]} {words[-one % 7]}")
        for one, (first, second) in enumerate((first, second) for first in FIRST for second in SECOND)
    ]
    document = trust.run(write(tmp_path / "songs.jsonl", *lines), seed=3)
    figures, targets = document.figures, {target.figure: target for target in document.targets}
    kinds = ("names", "misspelt", "described")
    for kind in kinds:
        assert 0 <= figures[f"FTS5, {kind}: top-1"].value <= figures[f"fresh, {kind}: top-1"].value
        for taught in kinds:
            change = figures[f"{taught} clicked, {kind}: change-1"]
            assert targets[f"{taught} clicked, {kind}: change-1"].met == (change.value >= -0.02)


def test_descriptions_are_asked_for_by_three_of_their_words():
    """No word of the name, none of few letters, each query once; what says too little is not asked for."""
    told = Entity("a", "thing", "Red Lamp", {}, "a red lamp for the reading table of children")
    short = Entity("b", "thing", "Blue Lamp", {}, "a lamp for a desk")
    queries = described_items([told, short, told], 0)
    assert [one.object_id for one in queries] == ["a"] * len(queries)
    for one in queries:
        assert len(one.text.split()) == 3
        assert {*one.text.split()} <= {"reading", "table", "children"}


def test_a_catalogue_with_columns_of_its_own_needs_a_mapping(tmp_path: Path):
    """What its columns become is said as to `ltrr index`."""
    path = tmp_path / "packages.csv"
    path.write_text("Package,Section\n" + "".join(f"lib-{chr(97 + n)}xy,libs\n" for n in range(6)))
    with pytest.raises(InvalidInput, match="Package is a guess"):
        trust.run(path)
    document = trust.run(path, map_="id=Package,name=Package")
    assert "6 entities, 0 bad lines" in document.notes[0]
