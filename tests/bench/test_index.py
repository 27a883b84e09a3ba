"""`ltrr bench index`, on a small catalogue in the process; on Elasticsearch in tests/integration."""

import json

import pytest

import ltrr.bench.index
from ltrr.serving.commands.cli import app

pytestmark = pytest.mark.whole


def test_measures_beside_the_bare_client(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    """Without servers it measures Qdrant Edge, and says what is not measured; shares are of the same round."""
    monkeypatch.setattr(ltrr.bench.index, "ENTITIES", 60)
    for name in ("ELASTICSEARCH", "QDRANT"):
        monkeypatch.delenv(f"LTRR_{name}", raising=False)
    app(["bench", "index", "--rounds", "2", "--json"], standalone_mode=False)
    document = json.loads(capsys.readouterr().out)
    figures = document["figures"]
    assert figures["qdrant-edge: ours"]["value"] > 0
    assert (
        {target["figure"] for target in document["targets"]}
        == {
            "qdrant-edge: ours of bare client",
            "qdrant-edge: ours of bare client that embeds too",
        }
        <= figures.keys()
    )
    assert any("set LTRR_ELASTICSEARCH" in note for note in document["notes"])
