"""`ltrr ranker` over a data folder: train on what was logged, serve it at once, go back at once."""

import json
import shutil
import sys
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

from ltrr.models.batch_ranking.log import RankingLog
from ltrr.models.ranking.batch_ranker import batch_features, batch_names
from ltrr.models.ranking.layout import RankerLayout
from ltrr.serving.commands.cli import main
from ltrr.serving.rankers.folder import RankerFolder
from ltrr.serving.rankers.lambdamart import read_scorer
from ltrr.serving.rankers.training import LEAST_PAGES
from ltrr.serving.retrieval.opening import strategy_arms
from ltrr.serving.settings.settings import Settings
from ltrr.streams.events.codec import parse_actions
from ltrr.streams.events.topics import Topic
from ltrr.streams.state.trained_rankers import TrainedRanker
from tests.serving.shop import NOON_S, SECRET, WORDS, Shop

pytestmark = pytest.mark.whole

QUERIES = LEAST_PAGES + 10
SETTINGS: dict[str, object] = {"arms": ("fulltext", "fuzzy", "popular"), "ladder": (0, 5, 20)}


class Ended(NamedTuple):
    """How the command ended."""

    code: int
    out: str
    err: str


def name_of(number: int) -> str:
    """Return a query of two words, another one each time for a while."""
    return f"{WORDS[number % 8]} {WORDS[number // 8 % 7]}"


@pytest.fixture(scope="module")
def searched(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a data folder in which every search was followed by a click on the song in the middle of the chart."""
    folder = tmp_path_factory.mktemp("searched") / "data"
    with Shop(folder, **SETTINGS) as shop:
        for number in range(QUERIES):
            shop.clock.now_s = NOON_S + 5 * number
            answer = shop.search(name_of(number))
            middle = min(answer["items"], key=lambda item: abs(int(item["object_id"].removeprefix("song-")) - 20))
            shop.click(answer["query_id"], middle["object_id"])
    return folder


@pytest.fixture
def folder(searched: Path, tmp_path: Path) -> Path:
    """Return a copy of it."""
    return Path(shutil.copytree(searched, tmp_path / "data"))


def ranker(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], folder: Path, command: str, *more: str
) -> Ended:
    """Run a command over a folder."""
    monkeypatch.setenv("LTRR_DATA_DIR", str(folder))
    monkeypatch.setenv("LTRR_SECRET", SECRET)
    for name, value in SETTINGS.items():
        monkeypatch.setenv(f"LTRR_{name.upper()}", json.dumps(value))
    monkeypatch.setattr(sys, "argv", ["ltrr", "ranker", command, *more])
    with pytest.raises(SystemExit) as ended:
        main()
    assert isinstance(ended.value.code, int | None)
    return Ended(ended.value.code or 0, *capfd.readouterr())


def document(ended: Ended) -> dict[str, Any]:
    """Return what a command that succeeded printed."""
    assert (ended.code, ended.err) == (0, "")
    found: dict[str, Any] = json.loads(ended.out)
    return found


def serves(shop: Shop) -> tuple[str, str, float, str | None]:
    """Return which ranker the policy, a search, the metric and the log of that search name."""
    policy = shop.get("/v1/policy")["ranker"]["serves"]
    answer = shop.search("love night", explain=True)
    metric = shop.metric("ltrr_ranker", {"application": "default", "ranker": policy})
    return policy, answer["ranker"], metric, shop.impressions()[-1].ranker


TRAIN = ("--from", str(NOON_S), "--to", str(NOON_S + 5 * QUERIES), "--json")


def test_train_serve_drop(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], folder: Path):
    """What was trained serves, with the features and contributions that it was trained on, until it is dropped."""
    trained = document(ranker(monkeypatch, capfd, folder, "train", "--anyway", *TRAIN))
    name = trained["ranker"]
    assert trained["served"]
    assert sum(trained["pages"].values()) == trained["pages_shown"] == QUERIES
    assert trained["ordered_by"] == {"online": QUERIES}
    assert trained["ndcg"]["interval"]["low"] <= trained["ndcg"]["difference"] <= trained["ndcg"]["interval"]["high"]
    (listed,) = document(ranker(monkeypatch, capfd, folder, "list", "--json"))["rankers"]
    assert (listed["ranker"], listed["application"], listed["ndcg"]) == (name, "default", trained["ndcg"])
    with Shop(folder, **SETTINGS) as shop:
        shop.clock.now_s = NOON_S + 5 * QUERIES
        assert serves(shop) == (name, name, 1.0, name)
        logged = shop.impressions()[-1]
        check_scores(RankerFolder(folder).read("default"), logged)
        dropped = document(ranker(monkeypatch, capfd, folder, "drop", "--json"))
        assert dropped == {"application": "default", "version": "v1", "ranker": "online"}
        assert serves(shop) == ("online", "online", 1.0, None)
        assert shop.metric("ltrr_ranker", {"application": "default", "ranker": name}) == 0.0
    assert document(ranker(monkeypatch, capfd, folder, "list", "--json")) == {"rankers": []}
    again = ranker(monkeypatch, capfd, folder, "drop")
    assert (again.code, again.out) == (2, "")
    assert "has no trained ranker" in again.err


def check_scores(record: bytes | None, logged: Any) -> None:  # noqa: ANN401  # an impression
    """Check that a page's logged features give its logged scores and contributions again, through the record."""
    assert record is not None
    held = TrainedRanker.unpack(record)
    score = read_scorer(held.model, len(held.names))
    shown = [c for c in logged.candidates if c.position]
    raw = np.array([c.features for c in shown])
    scores = score(batch_features(raw, logged.context))
    assert [c.score for c in shown] == scores.round(6).tolist()
    for arm in ("fulltext", "fuzzy", "popular"):
        without = raw.copy()
        without[:, [at for at, name in enumerate(logged.feature_names) if name.startswith(f"{arm}.")]] = np.nan
        parts = (scores - score(batch_features(without, logged.context))).round(6)
        brought = [any(source.arm == arm for source in c.sources) for c in shown]
        found = [c.contributions[arm] for c, is_there in zip(shown, brought, strict=True) if is_there]
        np.testing.assert_allclose(found, parts[brought], atol=1e-6)


def test_training_reads_what_serving_ranked_with(folder: Path, monkeypatch: pytest.MonkeyPatch):
    """The features of a page in training equal those that the query worker gave to the ranker, bit for bit."""
    given: list[np.ndarray] = []
    learning = Settings(**SETTINGS).learning(strategy_arms())  # type: ignore[arg-type]  # pydantic checks the values
    with Shop(folder, **SETTINGS) as shop:
        shop.clock.now_s = NOON_S + 5 * QUERIES
        rankers = shop.service.state.rankers

        def keep(features: np.ndarray) -> np.ndarray:
            given.append(features.copy())
            return -np.arange(float(len(features)))

        monkeypatch.setitem(rankers._scorers, "default", ("kept", keep))
        log = RankingLog(learning, "default", shop.clock())
        for number in range(20):
            given.clear()
            query_id = shop.search(name_of(number))["query_id"]
            impression = shop.impressions()[-1]
            log.absorb_impressions(shop.clock(), [impression])
            shown = [c.object_id for c in impression.candidates if c.position]
            shop.click(query_id, shown[0])
            arms = {c.object_id: {source.arm for source in c.sources} for c in impression.candidates}
            union = sorted(arms, key=lambda object_id: (arms[object_id] == {"explore"}, object_id))
            log.absorb_actions(shop.clock(), shop_actions(shop))
            trained = next(page for page in log.pages() if page.key == (query_id, 1))
            rows = [union.index(object_id) for object_id in sorted(shown)]
            assert np.array_equal(trained.features, np.concatenate(given)[rows], equal_nan=True)
            assert trained.ranker == "kept"
        assert np.isnan(given[-1]).any()
        assert given[-1].shape[1] == len(batch_names(RankerLayout(learning.rules.ranked)))


def shop_actions(shop: Shop) -> list[Any]:
    """Return the newest action of the log."""
    return list(parse_actions(shop.records(Topic.ACTIONS)[-1].value))


def test_a_ranker_of_other_features_is_refused(folder: Path):
    """It is named with what differs, and the online ranker serves on."""
    RankerFolder(folder).write("default", TrainedRanker("tree", ("fulltext.gain", "height")).pack())
    with Shop(folder, **SETTINGS) as shop:
        said = shop.get("/v1/policy")["ranker"]
        assert said["serves"] == "online"
        assert "train it again under the settings of this version" in said["refused"]
        assert shop.search("love night", explain=True)["ranker"] == "online"
        RankerFolder(folder).write("default", b"damaged")
        shop.search("love night")
        assert "is damaged" in shop.get("/v1/policy")["ranker"]["refused"]


def test_pages_of_another_installation_are_told(
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
    folder: Path,
):
    """Where nothing can be read for want of the server's secret, that is said, and not that clicks are few alone."""
    monkeypatch.setattr(
        "tests.serving.commands.learned.test_ranker_command.SECRET", "the secret of another installation"
    )
    kept = (folder / "secret.fingerprint").rename(folder / "aside")
    ended = ranker(monkeypatch, capfd, folder, "train", *TRAIN)
    kept.rename(folder / "secret.fingerprint")
    assert ended.code == 2
    assert f"{QUERIES} events of the range are left out" in caplog.text
    assert "set LTRR_SECRET" in caplog.text


def test_dry_run_and_not_better(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], folder: Path):
    """A dry run keeps nothing; neither does a run that finds no better order, which says so."""
    monkeypatch.setenv("COLUMNS", "200")
    dry = ranker(monkeypatch, capfd, folder, "train", "--dry-run", "--anyway", *TRAIN[:-1])
    assert "not served (--dry-run)" in dry.out
    assert RankerFolder(folder).read("default") is None
    stump = ranker(monkeypatch, capfd, folder, "train", "--trees", "1", "--leaves", "2", "--rate", "0.001", *TRAIN)
    report = document(stump)
    assert report["served"] == report["better"]
    assert (RankerFolder(folder).read("default") is not None) == report["better"]
    told = ranker(monkeypatch, capfd, folder, "train", "--trees", "1", "--leaves", "2", "--rate", "0.001", *TRAIN[:-1])
    assert ("NOT better" in told.out) != report["better"]


def test_wrong_use(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], folder: Path):
    """A mistake is one line on standard error that names it, and exit code 2."""
    for args, message in (
        (["--from", "noon"], "is no time"),
        (["--from", str(NOON_S + 5 * QUERIES - 100), "--to", str(NOON_S + 5 * QUERIES)], "training needs"),
        (["--from", "0", "--application", "other"], "LTRR_APPLICATIONS"),
    ):
        ended = ranker(monkeypatch, capfd, folder, "train", *args)
        assert (ended.code, ended.out) == (2, "")
        assert message in ended.err
        assert ended.err.count("\n") == 1
