"""`ltrr demo` as a whole."""

import json
from functools import partial

import pytest

from ltrr.models.errors import InvalidInput
from ltrr.serving.commands.cli import app
from ltrr.serving.demo.music import catalogue as music

pytestmark = pytest.mark.whole


def document(capsys: pytest.CaptureFixture[str], *options: str) -> dict:
    """Run the demo and return what it printed."""
    app(["demo", "--queries", "12", "--json", *options], standalone_mode=False)
    return json.loads(capsys.readouterr().out)


def test_same_seed_same_figures(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    """Two runs of one seed, in a small world, print the same figures to the last bit: only time and machine differ."""
    monkeypatch.setattr(music, "catalogue", partial(music.catalogue, artists=60))
    first, second = document(capsys, "--seed", "3"), document(capsys, "--seed", "3")
    assert first["figures"] == second["figures"]
    assert first["seeds"] == [3]
    assert {target["figure"] for target in first["targets"]} <= set(first["figures"])


@pytest.mark.parametrize("eagerness", ["0", "1.5", "nan"])
def test_eagerness_is_a_probability(eagerness: str):
    """What is no probability above 0 is refused before anything is played."""
    with pytest.raises(InvalidInput, match="--eagerness"):
        app(["demo", "--queries", "1", "--eagerness", eagerness], standalone_mode=False)
