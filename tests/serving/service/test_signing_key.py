"""The key that signs query ids."""

from pathlib import Path

from tests.serving.shop import Shop


def test_the_secret_is_kept_and_private(tmp_path: Path):
    """A made key outlives the process, so that its query ids do, and only its owner may read it."""
    with Shop(tmp_path, secret=None) as shop:
        query_id = shop.search()["query_id"]
    assert (tmp_path / "secret").stat().st_mode & 0o777 == 0o600
    body = {"query": "love night", "query_id": query_id}
    with Shop(tmp_path, secret=None, entities=[]) as shop:
        assert "not kept here any more" in shop.post("/v1/search", body).json()["detail"]
    with Shop(tmp_path, secret="another secret of this test", entities=[]) as shop:  # noqa: S106  # of a test
        assert "not issued here" in shop.post("/v1/search", body).json()["detail"]
