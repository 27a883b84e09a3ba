"""`ltrr export` and `ltrr replay` over the log of a data folder, beside the process that uses it."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ltrr.streams.events.topics import Topic
from tests.serving.shop import NOON_S, SECRET, Shop, hits

pytestmark = pytest.mark.whole

_MAIN = "from ltrr.serving.commands.cli import main; main()"


def ltrr(folder: Path, *arguments: str, secret: str = SECRET) -> subprocess.CompletedProcess[str]:
    """Run the command over a data folder."""
    command = [sys.executable, "-c", _MAIN, *arguments]
    environment = {**os.environ, "LTRR_DATA_DIR": str(folder), "LTRR_SECRET": secret}
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def lines(folder: Path, *arguments: str) -> list[Any]:
    """Return what an export writes."""
    return [json.loads(line) for line in ltrr(folder, "export", *arguments).stdout.splitlines()]


def test_export_and_replay_beside_a_server(tmp_path: Path):
    """What was logged is exported by topic and time, and a replay counts what the server has learned."""
    with Shop(tmp_path) as shop:
        for _ in range(3):
            answer = shop.search()
            shop.click(answer["query_id"], hits(answer)[0])
            shop.clock.now_s += 10.0
        logged = [json.loads(record.value) for record in shop.records(Topic.IMPRESSIONS)]
        assert lines(tmp_path, "impressions") == logged
        assert lines(tmp_path, "ltrr.impressions", "--from", str(NOON_S + 10), "--to", str(NOON_S + 20)) == logged[1:2]
        assert len(lines(tmp_path, "actions")) == 3
        assert lines(tmp_path, "deadletter") == []
        whole, click = (
            json.loads(ltrr(tmp_path, "replay", "--dry-run", "--json", *more).stdout)
            for more in ((), ("--set", 'action_weights={"click": 0.5}', "--to", str(NOON_S + 20)))
        )
        assert whole["counts"] == {"actions": {"accepted": 3}, "impressions": {"accepted": 3}}
        assert (whole["revision"], whole["to"]) == (6, {"ltrr.impressions": {"0": 3}, "ltrr.actions": {"0": 3}})
        assert (click["revision"], click["settings"]["action_weights"]) == (4, {"click": 0.5})
        plain = ltrr(tmp_path, "replay", "--dry-run").stdout
        assert "left out" not in plain
        assert "; actions: 3 accepted; impressions: 3 accepted" in " ".join(plain.split())
        upside_down = ltrr(tmp_path, "replay", "--dry-run", "--from", str(NOON_S + 20), "--to", str(NOON_S + 10))
        assert (upside_down.returncode, "--from lies behind --to" in upside_down.stderr) == (2, True)
        refused = ltrr(tmp_path, "replay", "--dry-run", secret="the secret of another installation")  # noqa: S106  # of a test
        assert (refused.returncode, "name it in LTRR_FORMER_SECRETS" in refused.stderr) == (2, True)
        (tmp_path / "secret.fingerprint").unlink()
        other = ltrr(tmp_path, "replay", "--dry-run", secret="the secret of another installation")  # noqa: S106  # of a test
        assert "; left out: 3 foreign (pages without a seal" in other.stdout
        shop.post("/v1/events", shop.action("of no page yet", "song-1"))
        waits = ltrr(tmp_path, "replay", "--dry-run").stdout
        assert "; actions: 3 accepted; impressions: 3 accepted; 1 actions wait for their page" in " ".join(
            waits.split()
        )
        assert shop.search()["degraded"] == []
        refused = ltrr(tmp_path, "replay", "--into", "v2")
        assert (refused.returncode, refused.stderr.count("\n")) == (2, 1)
        assert "there are versions on Kafka only: add --dry-run" in refused.stderr


def test_what_is_kept_is_its_owners_alone(tmp_path: Path):
    """A command makes files and folders that nobody else may read, whatever the shell allows, and so do services."""
    (tmp_path / "songs.jsonl").write_text('{"object_id": "song", "type": "song", "name": "Love"}\n')
    here = tmp_path / "data"
    mask = os.umask(0o022)
    try:
        assert ltrr(here, "index", str(tmp_path / "songs.jsonl")).returncode == 0
        assert ltrr(here, "search", "love").returncode == 0
        assert ltrr(here, "keys", "create", "shop", "--role", "search").returncode == 0
        with Shop(tmp_path / "shop") as shop:
            shop.search()
    finally:
        os.umask(mask)
    made = [
        *here.rglob("*"),
        *(tmp_path / "shop" / name for name in ("state.bin", "log", "log/ltrr.impressions/0.log")),
    ]
    assert {path.name for path in made} >= {"state.bin", "0.log", "keys.json", "audit.jsonl"}
    assert [path for path in made if path.stat().st_mode & 0o077] == []
