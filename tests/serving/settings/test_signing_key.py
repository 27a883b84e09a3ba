"""The key that signs query ids."""

from pathlib import Path

import pytest

from ltrr.models.errors import InvalidSettings
from ltrr.serving.settings.settings import Settings
from ltrr.serving.settings.signing_key import installation_secrets, reading_seals
from tests.serving.shop import SECRET, Shop


def test_the_secret_is_kept_and_private(tmp_path: Path):
    """A made key outlives the process, so that its query ids do, and only its owner may read it."""
    with Shop(tmp_path, secret=None) as shop:
        query_id = shop.search()["query_id"]
    assert (tmp_path / "secret").stat().st_mode & 0o777 == 0o600
    body = {"query": "love night", "query_id": query_id}
    with Shop(tmp_path, secret=None, entities=[]) as shop:
        assert "not kept here any more" in shop.post("/v1/search", body).json()["detail"]
    with Shop(tmp_path, secret="another secret of this test", entities=[]) as shop:  # noqa: S106  # of a test
        assert "not kept here any more" in shop.post("/v1/search", body).json()["detail"]
    (tmp_path / "secret").unlink()
    with Shop(tmp_path, secret="another secret of this test", entities=[]) as shop:  # noqa: S106  # of a test
        assert "not issued here" in shop.post("/v1/search", body).json()["detail"]


def test_the_secret_makes_its_folder(tmp_path: Path):
    """A command that is the first to need a secret has no data folder yet; it becomes its owner's alone."""
    held = installation_secrets(Settings(), tmp_path / "new" / "data")
    assert held == [(tmp_path / "new" / "data" / "secret").read_bytes()]
    assert (tmp_path / "new" / "data").stat().st_mode & 0o777 == 0o700


def test_former_secrets_hold(tmp_path: Path):
    """After a change of secrets what was logged is learned again, where the former one is named."""
    with Shop(tmp_path, secret="the first secret of this test") as shop:  # noqa: S106  # of a test
        shop.click(shop.search()["query_id"], "song-1")
    counts = []
    for former in ((), ("the first secret of this test",)):
        (tmp_path / "state.bin").unlink()
        with Shop(tmp_path, secret="the second one of this test", former_secrets=former, entities=[]) as shop:  # noqa: S106  # of a test
            counts.append(shop.service.fold().state.counts["impressions", "accepted"])
    assert counts == [0, 1]


def test_processes_on_kafka_tell_pages_by_a_secret_alone():
    """Without one all pages teach there, and that they shall not is refused; the data folder always has one."""
    kafka = {"kafka": "broker:9092"}
    assert reading_seals(Settings(**kafka)) is None  # type: ignore[arg-type]  # a setting
    assert reading_seals(Settings(**kafka, secret=SECRET)) is not None  # type: ignore[arg-type]  # a setting
    assert reading_seals(Settings(**kafka, secret=SECRET, foreign_pages=True)) is None  # type: ignore[arg-type]  # a setting
    with pytest.raises(InvalidSettings, match="needs LTRR_SECRET"):
        reading_seals(Settings(**kafka, foreign_pages=False))  # type: ignore[arg-type]  # a setting
    assert reading_seals(Settings()) is not None
