"""`ltrr bench NAME` prints one document, and says so where a name is unknown."""

import json

import pytest

from models.errors import UnknownName
from serving.cli import app


def test_bench_prints_one_document(capsys: pytest.CaptureFixture[str]):
    """The document has figures with intervals and units, and targets that name figures; timings decide nothing."""
    app(["bench", "core", "--json"], standalone_mode=False)
    document = json.loads(capsys.readouterr().out)
    assert document["bench"] == "core"
    assert document["figures"]
    for figure in document["figures"].values():
        assert figure["low"] <= figure["high"]
        assert figure["unit"]
    assert {target["figure"] for target in document["targets"]} <= set(document["figures"])


def test_unknown_bench_names_those_there_are():
    """A wrong name is answered with the right ones."""
    with pytest.raises(UnknownName, match=r"nosuch.*core"):
        app(["bench", "nosuch"], standalone_mode=False)
