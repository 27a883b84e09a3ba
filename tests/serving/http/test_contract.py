"""What openapi.json says is what is answered: cases made from it, and others that break it, asked of a real server."""

import json
import os
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import httpx
import pytest

from ltrr.serving.access.keys import Keys, Role
from ltrr.serving.http.api import create_app
from ltrr.serving.http.replies import Promoted
from ltrr.streams.versions.active import Active, Mode, Served
from tests.serving.servers import serving
from tests.serving.shop import NOON_S, Shop

SCHEMATHESIS = str(Path(sys.executable).parent / "schemathesis")
EXAMPLES = os.environ.get("CONTRACT_EXAMPLES", "3")  # of each operation, besides those at the bounds of its schema
SONGS = [
    {"object_id": f"song-{n}", "type": "song", "name": f"blue moon {n}", "attributes": {"n": n}} for n in range(20)
]


@pytest.mark.whole
@pytest.mark.parametrize("access", ["without keys", "with keys"])
def test_the_server_answers_as_it_says(tmp_path: Path, access: str):
    """Every check of schemathesis holds: statuses, bodies, types, headers, methods, keys, what is taken and refused."""
    sent = {}
    if access == "with keys":
        _, key = Keys(tmp_path / "data" / "keys.json").create("all", list(Role), (), NOON_S)
        sent = {"Authorization": f"Bearer {key}"}
    with serving(tmp_path / "data") as (_, url):
        assert httpx.put(f"{url}/v1/entities", json=SONGS, headers=sent, timeout=60.0).status_code == 200
        with_key = [word for name, value in sent.items() for word in ("--header", f"{name}: {value}")]
        how = ["--checks", "all", "--max-examples", EXAMPLES, "--generation-deterministic", "--no-color"]
        no_trace = ["--continue-on-failure", "--warnings", "off"]
        command = [SCHEMATHESIS, "run", f"{url}/openapi.json", *how, *no_trace, *with_key]
        assert subprocess.run(command, cwd=tmp_path, check=False).returncode == 0
        assert httpx.get(f"{url}/readyz", timeout=60.0).status_code == 200


def test_operations_have_names_of_their_own(shop: Shop) -> None:
    """No two operations of openapi.json have one id, from which clients are generated."""
    paths = create_app(shop.service, close=False).openapi()["paths"]
    ids = [operation["operationId"] for operations in paths.values() for operation in operations.values()]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("shadow", [None, "v3"])
def test_what_a_promotion_answers_fits(shadow: str | None) -> None:
    """On Kafka an answer is what is served from now on; as declared it says the same."""
    active = Active("v2", Mode.APPRENTICE, (Served("v1"),), shadow)
    answer = {"application": "default", **asdict(active), "removed": ["v0"]}
    assert json.loads(Promoted.model_validate(answer).model_dump_json()) == json.loads(json.dumps(answer))
