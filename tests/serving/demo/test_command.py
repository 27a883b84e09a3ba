"""`ltrr demo` as a whole."""

import json

import pytest

from serving.cli import app


def document(capsys: pytest.CaptureFixture[str], *options: str) -> dict:
    """Run the demo and return what it printed."""
    app(["demo", "--queries", "12", "--json", *options], standalone_mode=False)
    return json.loads(capsys.readouterr().out)


def test_same_seed_same_figures(capsys: pytest.CaptureFixture[str]):
    """Two runs of one seed print the same figures to the last bit: nothing but time and machine differ."""
    first, second = document(capsys, "--seed", "3"), document(capsys, "--seed", "3")
    assert first["figures"] == second["figures"]
    assert first["seeds"] == [3]
    assert {target["figure"] for target in first["targets"]} <= set(first["figures"])
