"""Parts of a whole service are killed while people search: nothing is lost, nothing is learned twice."""

import json
import subprocess
from collections.abc import Callable

import pytest

from ltrr.bench.running.processes import LTRR

pytestmark = [pytest.mark.servers, pytest.mark.usefixtures("own_servers")]


def test_a_round_of_kills_loses_nothing(record_property: Callable[[str, object], None]):
    """After one kill of each part, and a pause of one, all that was acknowledged is there and counted once."""
    done = subprocess.run(
        [*LTRR, "bench", "chaos", "--minutes", "0.1", "--json"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-3_000:]
    document = json.loads(done.stdout)
    figures = {name: figure["value"] for name, figure in document["figures"].items()}
    assert [target["figure"] for target in document["targets"] if not target["met"]] == [], (figures, document["notes"])
    for part in ("worker", "serve", "kafka", "elasticsearch"):
        assert figures[f"until ready, {part} killed"] > 0
    assert min(figures["pages answered as logged"], figures["actions acknowledged"]) > 0
    record_property("seen", "; ".join(document["notes"]))
