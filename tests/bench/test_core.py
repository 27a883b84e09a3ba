"""Every bench prints one document, and says so where a name is unknown."""

import importlib
import json
import pkgutil

import pytest

import bench
from models.errors import InvalidSettings
from serving.cli import app

ON_KAFKA = {"follow", "replay"}  # run by tests/integration
NAMES = {module.name for module in pkgutil.iter_modules(bench.__path__)}


@pytest.mark.parametrize("name", sorted(NAMES - ON_KAFKA))
def test_bench_prints_one_document(name: str, capsys: pytest.CaptureFixture[str]):
    """The document has figures with intervals and units, and targets that name figures; timings decide nothing."""
    app(["bench", name, "--json"], standalone_mode=False)
    document = json.loads(capsys.readouterr().out)
    assert document["bench"] == name
    assert document["figures"]
    for figure in document["figures"].values():
        assert figure["low"] <= figure["high"]
        assert figure["unit"]
    assert {target["figure"] for target in document["targets"]} <= set(document["figures"])
    assert importlib.import_module(f"bench.{name}").run.__doc__


@pytest.mark.parametrize("name", sorted(ON_KAFKA))
def test_bench_says_that_it_needs_kafka(name: str, monkeypatch: pytest.MonkeyPatch):
    """Without Kafka it names the setting."""
    monkeypatch.delenv("LTRR_KAFKA", raising=False)
    with pytest.raises(InvalidSettings, match="set LTRR_KAFKA"):
        app(["bench", name, "--json"], standalone_mode=False)
