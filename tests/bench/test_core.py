"""Every bench prints one document, and says so where a name is unknown."""

import importlib
import json
import pkgutil

import pytest

import bench
from serving.cli import app

NEEDING = {"index", "strategies"}  # servers or data: tested in modules of their own
NAMES = {module.name for module in pkgutil.iter_modules(bench.__path__)}


@pytest.mark.parametrize("name", sorted(NAMES - NEEDING))
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
