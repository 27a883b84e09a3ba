"""`ltrr bench` lists the benches and prints their document; `core` has one."""

import json

import pytest

from bench.core import run
from models.errors import UnknownName
from serving.bench_command import benches
from serving.cli import app
from tests.bench.documents import check


def test_core_prints_one_document(capsys: pytest.CaptureFixture[str]):
    """What is printed with --json is the document and nothing else."""
    app(["bench", "core", "--json"], standalone_mode=False)
    printed = json.loads(capsys.readouterr().out)
    assert printed["bench"] == "core"
    assert printed["figures"].keys() == run().figures.keys()
    check(run(), "core")


def test_benches_are_the_modules():
    """Packages that benches share are not listed, and an unknown name is answered with those there are."""
    assert "world" not in benches()
    with pytest.raises(UnknownName, match="core"):
        app(["bench", "world"], standalone_mode=False)
