"""`ltrr doctor`: what is looked at, and what is said where something is wrong."""

import json
import socket
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from ltrr.models.baseline.regret import Difference, Standing
from ltrr.models.records.entity import Entity
from ltrr.retrievers.index.cards import Cards
from ltrr.serving.events.bookmark import Bookmark
from ltrr.serving.http import connection
from ltrr.serving.inspection.examination import Finding, examine
from ltrr.serving.settings.settings import load_settings
from ltrr.serving.settings.signing_key import Secrets
from tests.deploy.answers import answering
from tests.serving.service.test_intake import ubi_query
from tests.serving.shop import NOON_S, Shop

QUIET: dict[str, Any] = {"counts": {"searches": [], "degraded": []}, "degraded": []}
_LOGIN = {"SASL_MECHANISM": "PLAIN", "USER": "ann", "PASSWORD": "hush"}


@pytest.fixture(scope="module")
def java(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the home of what says that it is a Java, at once."""
    home = tmp_path_factory.mktemp("java")
    (home / "bin").mkdir()
    program = home / "bin" / "java"
    program.write_text("#!/bin/sh\necho 'openjdk version \"21.0.1\"' >&2\n")
    program.chmod(0o755)
    return home


@pytest.fixture(autouse=True)
def _own_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, java: Path) -> None:
    monkeypatch.setenv("ES_JAVA_HOME", str(java))
    monkeypatch.setenv("LTRR_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("LTRR_PORT", "0")


def findings() -> dict[str, Finding]:
    """Return what is found, by what was looked at."""
    return {finding.what: finding for finding in examine()}


def test_all_is_well_embedded(java: Path) -> None:
    """Without servers all is fine, with the Java that only they need; where none runs, nobody knows how searches do."""
    found = findings()
    looked_at = ["versions", "java", "settings", "arms", "data folder", "secret", "index", "stemmer", "learned"]
    assert list(found) == [*looked_at, "port", "kafka", "baseline"]
    assert found["baseline"].state == "undecided"
    assert {one.state for what, one in found.items() if what not in {"index", "baseline"}} == {"ok"}
    assert found["java"].said == f"21 in {java}, for `make servers-up`"
    assert (found["index"].state, "`ltrr index FILE`" in found["index"].said) == ("warning", True)
    assert "river 0.26.1" in found["versions"].said
    assert "will be made" in found["data folder"].said


def test_what_was_learned_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """How much has taught; a setting under which the next start learns anew; and that most was late, if it was."""
    with Shop(tmp_path / "data") as shop:
        shop.click(shop.search()["query_id"], "song-1")
        assert findings()["learned"].said == "nothing yet, or nothing that was kept"
    told = findings()["learned"]
    assert (told.state, told.said.partition(" and ")[0]) == ("ok", "1 impressions")
    monkeypatch.setenv("LTRR_JOIN_WINDOW_S", "900")
    told = findings()["learned"]
    assert (told.state, "the next `ltrr serve` learns the log anew" in told.said) == ("warning", True)
    assert "join_window_s, which was 1800.0" in told.said
    monkeypatch.delenv("LTRR_JOIN_WINDOW_S")
    with Shop(tmp_path / "data") as shop:
        shop.clock.now_s += 86_400.0
        past = [ubi_query(shop, f"q{hour}", timestamp=NOON_S + 3_600 * hour) for hour in (9, 5, 4, 3)]
        for query in past:
            shop.post("/ubi_queries", query)
            shop.clock.now_s += 3_600.0
    told = findings()["learned"]
    assert (told.state, told.said.partition(" and ")[0]) == ("warning", "2 impressions")
    assert "3 impressions late" in told.said
    assert "clocks and zones" in told.said


def test_another_stemmer_than_the_indexs_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No start and no search takes an index of another language."""
    with Shop(tmp_path / "data"):
        pass
    assert findings()["stemmer"].state == "ok"
    monkeypatch.setenv("LTRR_STEMMER", "german")
    told = findings()["stemmer"]
    assert (told.state, "`ltrr index rebuild`" in told.said) == ("failed", True)


def test_an_index_that_cannot_be_opened_is_told_beside_all_else(tmp_path: Path) -> None:
    """As in a folder that cannot be written, which readers need, too: the rest is looked at."""
    (tmp_path / "data" / "index" / "cards.sqlite").mkdir(parents=True)
    found = findings()
    assert [found[what].state for what in ("index", "stemmer", "kafka")] == ["warning", "failed", "ok"]
    assert "entity cards in" in found["stemmer"].said


def test_another_secret_than_the_folders_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """That visitors are not known any more is said before a start refuses it; the look itself makes no secret."""
    assert findings()["secret"].said.startswith("none yet")
    assert not (tmp_path / "data").exists()
    monkeypatch.setenv("LTRR_SECRET", "the secret of then")
    Secrets(load_settings(), tmp_path / "data").keep()
    assert findings()["secret"].state == "ok"
    monkeypatch.setenv("LTRR_SECRET", "another one of now")
    told = findings()["secret"]
    assert (told.state, "name it in LTRR_FORMER_SECRETS" in told.said) == ("failed", True)


def test_the_index_and_interrupted_loads_are_told(tmp_path: Path) -> None:
    """How many entities there are and what they take of the disk; where a load stopped, and how it goes on."""
    data, file = tmp_path / "data", tmp_path / "songs.jsonl"
    file.write_text("some lines")
    with closing(Cards(data / "index" / "cards.sqlite")) as cards:
        cards.put([Entity(f"s{n}", "song", f"Song {n}") for n in range(1_200)])
        cards.put([Entity("b1", "book", "Book", application="books")])
        stale = findings()["index"]
        assert (stale.state, "not served: books (1): add" in stale.said) == ("warning", True)
        cards.mark("books", ["b1"])
        cards.mark("default", ["s0"])
        told = findings()
        assert told["index"].said.startswith("1,199 entities, 0 MB on disk")
        assert "load" not in told
    Bookmark.open(data, file, "data folder").move(12, {})
    assert f"{file} was loaded up to line 12" in findings()["load"].said
    assert "the same `ltrr index` goes on there" in findings()["load"].said
    file.write_text("other lines")
    assert "`ltrr index` begins it anew" in findings()["load"].said
    file.unlink()
    gone = findings()["load"]
    assert (gone.state, "it is not there any more" in gone.said) == ("warning", True)


def test_actions_on_what_the_catalogue_lacks_are_told(tmp_path: Path) -> None:
    """A history with other ids than the catalogue's teaches what no search shows."""
    with Shop(tmp_path / "data", secret=None) as shop:
        page = {"query_id": "q", "user_query": "red", "timestamp": NOON_S, "query_response_hit_ids": ["7", "song-1"]}
        shop.post("/ubi_queries", page)
        shop.click("q", "song-1")
        assert findings()["actions"].said == "the last 1 are of entities that are there"
        shop.click("q", "7")
        told = findings()["actions"]
    assert (told.state, told.said.startswith("of the last 2, 1 actions are of entities")) == ("warning", True)
    assert "such as '7'; it has ids such as 'song-" in told.said


def test_actions_on_what_was_deleted_are_told_as_such(tmp_path: Path) -> None:
    """What a page of this service has shown was in the catalogue, so its ids are right: that is no warning."""
    with Shop(tmp_path / "data", secret=None) as shop:
        answer = shop.search()
        sold = answer["items"][0]["object_id"]
        shop.click(answer["query_id"], sold)
        assert shop.request("DELETE", "/v1/entities", json=[sold]).is_success
    told = findings()["actions"]
    assert told.state == "ok"
    assert told.said.endswith("; 1 of others that were shown here, and are deleted since")
    page = {"query_id": "q", "user_query": "red", "timestamp": NOON_S, "query_response_hit_ids": ["7"]}
    with Shop(tmp_path / "data", [], secret=None) as shop:
        shop.post("/ubi_queries", page)
        shop.click("q", "7")
    told = findings()["actions"]
    assert (told.state, "of the last 2, 1 actions" in told.said, "'7'" in told.said) == ("warning", True, True)
    assert "unless these were deleted since, send its ids" in told.said


def test_rules_of_synonyms_are_counted(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """How many terms a start would read, or which line it would not."""
    file = tmp_path / "synonyms.txt"
    monkeypatch.setenv("LTRR_SYNONYMS", str(file))
    file.write_text("tv, television\ncolour => color\n")
    assert findings()["synonyms"].said.startswith(f"3 terms of {file}")
    file.write_text("tv television\n")
    assert (findings()["synonyms"].state, "line 1: no rule" in findings()["synonyms"].said) == ("failed", True)


def test_a_baseline_that_leaves_no_room_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a cap is taken by the baseline alone nothing is learned of other arms."""
    monkeypatch.setenv("LTRR_BASELINE", '{"fuzzy": 20}')
    assert (findings()["arms"].state, "the baseline (fuzzy 20)" in findings()["arms"].said) == ("ok", True)
    monkeypatch.setenv("LTRR_MAX_CANDIDATES", "20")
    assert (findings()["arms"].state, "LTRR_MAX_CANDIDATES" in findings()["arms"].said) == ("warning", True)
    monkeypatch.setenv("LTRR_BASELINE", '{"fuzzy": 10}')
    assert findings()["arms"].state == "ok"


def test_wrong_settings_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """A bad setting is the last finding: nothing more can be looked at."""
    monkeypatch.setenv("LTRR_ARMS", '["nosuch"]')
    *_, last = examine()
    assert (last.what, last.state) == ("settings", "failed")
    assert "LTRR_ARMS names nosuch" in last.said


def test_what_is_away_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Servers that do not answer fail with what to look at; each is looked at whatever is wrong with the others."""
    monkeypatch.setenv("LTRR_KAFKA", "127.0.0.1:1")
    monkeypatch.setenv("LTRR_ELASTICSEARCH", "http://127.0.0.1:1")
    monkeypatch.setenv("LTRR_QDRANT", "http://127.0.0.1:1")
    found = findings()
    assert {what for what, one in found.items() if one.state == "failed"} == {
        "kafka",
        "topics",
        "elasticsearch",
        "qdrant",
    }
    assert (found["workers"].state, "dead letters" in found) == ("undecided", False)
    assert "is Kafka running" in found["kafka"].said
    assert "is it running" in found["elasticsearch"].said


@pytest.mark.parametrize(
    ("values", "state", "said"),
    [
        ({}, "ok", "PLAINTEXT: no encryption, no login"),
        ({"SECURITY_PROTOCOL": "SASL_SSL", **_LOGIN}, "ok", "trusts the system's authorities, logs in as ann by PLAIN"),
        ({"SECURITY_PROTOCOL": "SASL_PLAINTEXT", **_LOGIN}, "warning", "set LTRR_KAFKA_SECURITY_PROTOCOL=SASL_SSL"),
        ({"SECURITY_PROTOCOL": "SSL", "CHECK_HOSTNAME": "false"}, "warning", "remove LTRR_KAFKA_CHECK_HOSTNAME"),
    ],
)
def test_how_kafka_is_reached_is_told(monkeypatch: pytest.MonkeyPatch, values: dict[str, str], state: str, said: str):
    """What is secured less than it looks is a warning that says what to set, whether Kafka answers or not."""
    monkeypatch.setenv("LTRR_KAFKA", "127.0.0.1:1")
    for name, value in values.items():
        monkeypatch.setenv(f"LTRR_KAFKA_{name}", value)
    found = findings()["kafka security"]
    assert found.state == state
    assert said in found.said
    assert "hush" not in found.said


@pytest.mark.parametrize(
    ("values", "state", "said"),
    [
        ({}, "warning", "whoever writes to ltrr.impressions teaches: set LTRR_SECRET"),
        ({"SECRET": "sixteen letters and more"}, "ok", "those that are sealed with LTRR_SECRET teach"),
        ({"FOREIGN_PAGES": "true"}, "ok", "all that are in ltrr.impressions teach"),
        ({"FOREIGN_PAGES": "false"}, "warning", "LTRR_FOREIGN_PAGES=false needs LTRR_SECRET"),
    ],
)
def test_which_pages_teach_is_told(monkeypatch: pytest.MonkeyPatch, values: dict[str, str], state: str, said: str):
    """On Kafka, that anybody's pages teach is a warning where nobody has asked for it."""
    monkeypatch.setenv("LTRR_KAFKA", "127.0.0.1:1")
    for name, value in values.items():
        monkeypatch.setenv(f"LTRR_{name}", value)
    found = findings()["pages"]
    assert (found.state, said in found.said) == (state, True)


def test_engines_need_kafka(monkeypatch: pytest.MonkeyPatch) -> None:
    """Engines that nothing would write to are a failure."""
    monkeypatch.setenv("LTRR_ELASTICSEARCH", "http://127.0.0.1:1")
    assert findings()["kafka"] == Finding(
        "kafka", "failed", "LTRR_ELASTICSEARCH and LTRR_QDRANT need Kafka: set LTRR_KAFKA too"
    )


def stands(difference: dict[str, float] | None) -> dict[str, Any]:
    """Return a difference as a server answers it, with what its interval says."""
    return {
        "difference": difference,
        "standing": Standing.UNDECIDED if difference is None else Difference(**difference).standing,
    }


LOSS = {"value": -0.02, "low": -0.03, "high": -0.01, "matters": 0.001}


@pytest.mark.parametrize(
    ("difference", "share", "state", "said"),
    [
        (None, 0.5, "undecided", "no verdict, not enough pages: 3 of 50; 50% of the pages are compared"),
        (
            {"value": -0.01, "low": -0.03, "high": 0.01, "matters": 0.001},
            0.5,
            "undecided",
            "with the spread seen, some 24,000 more such pages tell what matters; 50% of the pages are compared",
        ),
        (LOSS | {"low": -0.001, "high": 0.04}, 0.5, "ok", "net reward for each page, from -0.0010 to +0.0400"),
        (LOSS, 0.5, "warning", "LTRR_MODE=static"),
        (LOSS, 0.4, "warning", "40% of the pages are compared; on the others strategies of the baseline are off"),
        (None, 0.4, "warning", "no verdict, not enough pages: 3 of 50; 40% of the pages are compared; on the others"),
        (
            LOSS | {"matters": 0.015},
            0.5,
            "undecided",
            "with the spread seen, some 180 more such pages tell what matters",
        ),
        (
            LOSS | {"matters": 0.04},
            0.5,
            "ok",
            "too little to matter (from 0.0400 on it matters, 2% of what these earn",
        ),
    ],
)
def test_searches_that_earn_less_than_the_baseline_are_told(
    monkeypatch: pytest.MonkeyPatch, difference: dict[str, float] | None, share: float, state: str, said: str
):
    """What the running server says of most pages is a warning below what matters, with what to do."""
    numbers = {"planned": 400.0, "effective": 60.0, "share": share, "doubt": "not enough pages: 3 of 50"}
    found = {"plan": {"fulltext": 20}, **stands(difference), **numbers, "unlearned": stands(None) | numbers}
    with answering(200, json.dumps({"baseline": found, "queries": [], **QUIET})) as port:
        monkeypatch.setenv("LTRR_URL", f"http://127.0.0.1:{port}")
        finding = findings()["baseline"]
    assert finding.state == state
    assert "plans beside the baseline's (fulltext 20)" in finding.said
    assert said in finding.said


@pytest.mark.parametrize(
    ("difference", "state", "said"),
    [
        (None, "undecided", "beside searches with nothing learned: no verdict, few"),
        (LOSS, "warning", "LTRR_MODE=static"),
        (LOSS | {"low": 0.01, "high": 0.04}, "ok", "from +0.0100 to +0.0400"),
        (LOSS | {"low": -0.01, "high": 0.04}, "undecided", "more such pages tell what matters"),
    ],
)
def test_what_learning_brings_is_told(
    monkeypatch: pytest.MonkeyPatch, difference: dict[str, float] | None, state: str, said: str
):
    """Beside the baseline with nothing learned: a warning where searches surely earn less that matters."""
    numbers = {"effective": 60.0, "doubt": "few"}
    beside = {"plan": {"fulltext": 20}, **stands(None), "planned": 60.0, "share": 1.0, **numbers}
    found = beside | {"unlearned": stands(difference) | numbers}
    with answering(200, json.dumps({"baseline": found, "queries": [], **QUIET})) as port:
        monkeypatch.setenv("LTRR_URL", f"http://127.0.0.1:{port}")
        finding = findings()["learning"]
    assert finding.state == state
    assert said in finding.said


@pytest.mark.parametrize(
    ("searches", "degraded", "state", "said"),
    [
        (0, 0, "undecided", "none in the last day"),
        (1_700, 84, "ok", "84 of 1,700 in the last day"),
        (1_700, 85, "warning", "85 of 1,700 in the last day went without an engine that was late or failed"),
        (1_700, 1_669, "warning", "(since the server started: text 1,669 times, vector 2 times): see to the engine"),
        (19, 19, "ok", "19 of 19"),
    ],
)
def test_searches_without_an_engine_are_told(
    monkeypatch: pytest.MonkeyPatch, searches: int, degraded: int, state: str, said: str
):
    """How many, and of which engine; a warning from one in twenty on, where there are twenty."""
    counts = {"searches": [searches, 0], "degraded": [degraded, 0]}
    engines = [{"engine": "text", "count": 1_669}, {"engine": "vector", "count": 2}]
    numbers = {"difference": None, "standing": "undecided", "effective": 3.0, "doubt": "few"}
    policy = {"baseline": {"plan": {}, "share": 1.0, "unlearned": numbers, **numbers}}
    with answering(200, json.dumps({**policy, "queries": [], "counts": counts, "degraded": engines})) as port:
        monkeypatch.setenv("LTRR_URL", f"http://127.0.0.1:{port}")
        finding = findings()["searches"]
    assert finding.state == state
    assert said in finding.said


@pytest.mark.parametrize(("plan", "pages"), [({"fulltext": 20}, 49.0), ({}, 400.0)])
def test_a_few_pages_that_are_not_compared_are_no_warning(
    monkeypatch: pytest.MonkeyPatch, plan: dict[str, int], pages: float
):
    """At the start, and where there is no baseline."""
    numbers = {"difference": None, "standing": "undecided", "effective": 3.0, "doubt": "few"}
    found = {"plan": plan, "planned": pages, "share": 0.1, "unlearned": numbers, **numbers}
    with answering(200, json.dumps({"baseline": found, "queries": [], **QUIET})) as port:
        monkeypatch.setenv("LTRR_URL", f"http://127.0.0.1:{port}")
        assert findings()["baseline"].state == "undecided"


def test_one_visitor_who_makes_much_of_the_searches_is_told(tmp_path: Path) -> None:
    """Of all searches, and of those with an action, with what he asks; what teaches nothing is left out."""
    with Shop(tmp_path / "data", secret=None, visitor_query_searches=3.0, arms=("fulltext",)) as shop:
        for number in range(60):
            who = {"client_id": f"c{number}"} if number % 3 else {"client_id": "crawler", "learn": number % 2 == 0}
            shop.search(**who)
        told = findings()["visitors"]
        assert (told.state, told.said) == ("ok", "one visitor made at most 20% of the last 50 searches")
        for _ in range(20):
            answer = shop.search(client_id="crawler")
            shop.click(answer["query_id"], answer["items"][0]["object_id"])
        told = findings()["visitors"]
    assert told.state == "warning"
    assert told.said.startswith("one visitor made 43% of the last 70 searches, mostly for ")
    assert "learning gives them 7% (LTRR_VISITOR_SEARCHES)" in told.said
    assert "LTRR_TEST_AGENTS" in told.said


def test_a_taken_port_and_a_full_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A port that something uses, which says nothing, is a warning; a data folder below a file cannot be used."""
    monkeypatch.setattr(connection, "_HEALTH_S", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as server:
        monkeypatch.setenv("LTRR_PORT", str(server.getsockname()[1]))
        (tmp_path / "file").write_text("")
        monkeypatch.setenv("LTRR_DATA_DIR", str(tmp_path / "file" / "data"))
        found = findings()
    assert found["port"].state == "warning"
    assert "set LTRR_PORT" in found["port"].said
    assert found["data folder"].state == "failed"
    assert "set LTRR_DATA_DIR" in found["data folder"].said


def test_our_own_server_on_the_port_is_nothing_to_warn_of(monkeypatch: pytest.MonkeyPatch) -> None:
    """Over another data folder than the one that is looked at, as it runs there."""
    with answering(200, json.dumps({"status": "ok"})) as port:
        monkeypatch.setenv("LTRR_PORT", str(port))
        found = findings()["port"]
    assert (found.state, "runs on 127.0.0.1" in found.said) == ("ok", True)
    with answering(200, json.dumps({"name": "another"})) as port:
        monkeypatch.setenv("LTRR_PORT", str(port))
        assert findings()["port"].state == "warning"


def test_a_secret_is_named_among_what_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    """As a setting like others, without what it is."""
    monkeypatch.setenv("LTRR_SECRET", "sixteen letters and more")
    assert "secret" in findings()["settings"].said
    assert "sixteen" not in findings()["settings"].said
