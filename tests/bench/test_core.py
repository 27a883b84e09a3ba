"""`ltrr bench` lists the benches and prints their document; `core` has one."""

import json
import sys
from functools import partial

import pytest

import ltrr.bench.core
from ltrr.models.errors import InvalidSettings, UnknownName
from ltrr.serving.commands.bench import benches
from ltrr.serving.commands.cli import app
from tests.bench.documents import check

pytestmark = pytest.mark.whole


def test_core_prints_one_document(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    """What is printed with --json is the document and nothing else."""
    monkeypatch.setattr(ltrr.bench.core, "run", partial(ltrr.bench.core.run, rounds=20))
    app(["bench", "core", "--json"], standalone_mode=False)
    printed = json.loads(capsys.readouterr().out)
    assert printed["bench"] == "core"
    short = ltrr.bench.core.run(rounds=20)
    assert printed["figures"].keys() == short.figures.keys()
    check(short, "core")


def test_benches_are_the_modules():
    """Packages that benches share are not listed, and an unknown name is answered with those there are."""
    assert "world" not in benches()
    with pytest.raises(UnknownName, match="core"):
        app(["bench", "world"], standalone_mode=False)


def test_absent_library_is_named(monkeypatch: pytest.MonkeyPatch):
    """A bench that compares with a library that is not there says what to install."""
    for name in ("ltrr.bench.regret", "ltrr.bench.peers.linear"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    monkeypatch.setitem(sys.modules, "mabwiser.mab", None)
    with pytest.raises(InvalidSettings, match=r"bench regret compares with mabwiser.*pip install mabwiser"):
        app(["bench", "regret"], standalone_mode=False)


@pytest.mark.parametrize("name", ["follow", "replay", "stream"])
def test_bench_says_that_it_needs_kafka(name: str, monkeypatch: pytest.MonkeyPatch):
    """Without Kafka it names the setting."""
    monkeypatch.delenv("LTRR_KAFKA", raising=False)
    with pytest.raises(InvalidSettings, match="set LTRR_KAFKA"):
        app(["bench", name, "--json"], standalone_mode=False)
