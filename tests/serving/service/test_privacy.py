"""What is known of a visitor is shown, and forgotten: by the state, the checkpoint, and every reading of the log."""

import asyncio
import json
from pathlib import Path

import pytest

from ltrr.models.learning.fold import Fold
from ltrr.serving.commands import privacy
from ltrr.serving.settings.settings import Settings
from ltrr.streams.embedded.learner import EmbeddedLearner
from tests.serving.shop import Shop, hits
from tests.streams.states import assert_same

ANN = {"user_id": "ann", "client_id": "browser-17", "session_id": "evening"}
SECRET = "a secret of this test"  # noqa: S105  # that of the shop


def visit(shop: Shop, count: int = 2, query: str = "love night", **who: str) -> None:
    """Search, and click on the first result."""
    for _ in range(count):
        answer = shop.search(query, **who)
        assert shop.post("/v1/events", shop.action(answer["query_id"], hits(answer)[0]) | who).json()["taught"] == 1


def test_a_visitor_is_forgotten_by_every_reading(tmp_path: Path):
    """After a deletion nothing of the visitor is in state and checkpoint, and a replay and a restart say the same."""
    with Shop(tmp_path) as shop:
        visit(shop, **ANN)
        visit(shop, user_id="bob")
        name = shop.post("/v1/visitors", {"user_id": "ann"}).json()["user_id"]
        before = shop.post("/v1/privacy/export", {"user_id": "ann"}).json()
        assert before["user_id"] == name
        assert before["learned"]["default"]["user"]
        shop.service.save()
        assert name.encode() in (tmp_path / "state.bin").read_bytes()
        assert shop.post("/v1/privacy/delete", {"user_id": "ann"}).json() == {"user_id": name, "known": True}
        assert name.encode() not in (tmp_path / "state.bin").read_bytes()
        after = shop.post("/v1/privacy/export", {"user_id": "ann"}).json()["learned"]["default"]
        assert after == {"user": [], "session": [], "engagement": {}}
        assert shop.post("/v1/privacy/export", {"user_id": "bob"}).json()["learned"]["default"]["user"]
        assert_same(shop.service._learner.fold, learned_again(shop))
        shop.search(user_id="ann")
        assert shop.impressions()[-1].context["profile_known"] == 0
        visit(shop, 1, **ANN)
        assert len(shop.service.state.application("default").profiles["user"].own[name].weights) == 1
        expected = learned_again(shop)
    with Shop(tmp_path, entities=[]) as shop:
        assert_same(shop.service._learner.fold, expected)


def learned_again(shop: Shop) -> Fold:
    """Return what the whole log teaches."""
    again = EmbeddedLearner(shop.service._log, shop.service.state.learning)
    again.poll(shop.clock.now_s)
    return again.fold


def test_nobody_forgets_another_by_an_event():
    """What says in a query that somebody is erased says nothing, whoever sends it."""
    with Shop() as shop:
        visit(shop, **ANN)
        name = shop.service.naming.visitors.name("ann")
        ours = {"schema_version": 1, "normalised_query": "", "erased": [name]}
        page = {"query_id": "q", "user_query": "x", "timestamp": shop.clock.now_s, "query_attributes": {"ltrr": ours}}
        for path in ("/ubi_queries", "/ubi_events"):
            for more in ({}, {"action_name": "impression", "event_attributes": {"object": {"object_id": "song-1"}}}):
                shop.post(path, page | more)
        assert name in shop.service.state.application("default").profiles["user"].own


@pytest.mark.whole
def test_commands_export_and_delete(tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]):
    """An export has all that was learned and each event, of nobody else; a deletion is noted by the name alone."""
    with Shop(tmp_path) as shop:
        visit(shop, **ANN)
        visit(shop, user_id="bob")
        name = shop.service.naming.visitors.name("ann")
    settings = Settings(data_dir=tmp_path, secret=SECRET)
    for who, events in (("ann", 2), (name, 2), ("evening", 2), ("nobody", 0)):
        found = exported(settings, who, capsysbinary)
        kinds = [kind for line in found for kind in line]
        assert [kinds.count(kind) for kind in ("learned", "impressions", "actions")] == [1, events, events]
    asyncio.run(privacy._ask(settings, "delete", "ann"))
    lines = exported(settings, "ann", capsysbinary)
    assert lines[0]["learned"]["learned"]["default"]["user"] == []
    noted = [json.loads(line) for line in (tmp_path / "audit.jsonl").read_text().splitlines()]
    assert ("delete visitor", name) in {(one["action"], one["visitor"]) for one in noted}
    assert "ann" not in {one["visitor"] for one in noted}


def test_who_is_not_known_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    """An id that is spelt otherwise, or named by another secret, is not taken for a success."""
    with Shop(tmp_path) as shop:
        visit(shop, **ANN)
        assert shop.post("/v1/privacy/delete", {"user_id": "Ann"}).json()["known"] is False
        assert shop.post("/v1/privacy/delete", {"user_id": "ann"}).json()["known"] is True
    asyncio.run(privacy._export("Anne", Settings(data_dir=tmp_path, secret=SECRET)))
    assert "nothing is known of v_" in capsys.readouterr().err


@pytest.mark.whole
def test_another_secret_for_a_while_costs_nobody_what_was_learned(tmp_path: Path):
    """Names that another secret has made are kept as they are, and are found again when it is back."""
    with Shop(tmp_path) as shop:
        visit(shop, **ANN)
        before = shop.post("/v1/privacy/export", {"user_id": "ann"}).json()
    fingerprint, other = tmp_path / "secret.fingerprint", "the secret of another installation"
    fingerprint.unlink()
    with Shop(tmp_path, secret=other, foreign_pages=True, entities=[]) as shop:
        stranger = shop.post("/v1/privacy/export", {"user_id": "ann"}).json()
        visit(shop, **ANN)
    fingerprint.unlink()
    assert stranger["learned"]["default"]["user"] == []
    with Shop(tmp_path, entities=[]) as shop:
        after = shop.post("/v1/privacy/export", {"user_id": "ann"}).json()
    assert after["user_id"] == before["user_id"]
    assert after["learned"]["default"]["user"] == before["learned"]["default"]["user"]


def test_a_first_secret_names_nobody_anew(tmp_path: Path):
    """Where a data folder has made its own secret, visitors go on once another one is set, and that a former one."""
    with Shop(tmp_path, secret=None) as shop:
        visit(shop, **ANN)
        before = shop.post("/v1/privacy/export", {"user_id": "ann"}).json()
    former = ((tmp_path / "secret").read_text(),)
    with Shop(tmp_path, secret=SECRET, former_secrets=former, entities=[]) as shop:
        assert shop.post("/v1/privacy/export", {"user_id": "ann"}).json() == before


def exported(settings: Settings, who: str, capture: pytest.CaptureFixture[bytes]) -> list[dict[str, dict[str, object]]]:
    """Return the lines of an export."""
    capture.readouterr()
    asyncio.run(privacy._export(who, settings))
    return [json.loads(line) for line in capture.readouterr().out.splitlines()]
