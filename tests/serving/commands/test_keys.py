"""`ltrr keys`: a key is shown once, listed without its secret, and refused once it is revoked."""

import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from tests.serving.servers import LTRR, serving

pytestmark = pytest.mark.whole

Run = Callable[..., str]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Return what runs a command over a data folder."""
    monkeypatch.setenv("LTRR_DATA_DIR", str(tmp_path))

    def run(*words: str, fails: bool = False) -> str:
        done = subprocess.run([LTRR, *words], check=False, capture_output=True, text=True)
        assert (done.returncode != 0) is fails, done.stderr
        return done.stderr if fails else done.stdout

    return run


def test_the_life_of_a_key(run: Run, tmp_path: Path):
    """Made, it opens a running server at once; commands send LTRR_KEY; revoked, it is refused at once."""
    with serving(tmp_path, LTRR_SECRET="sixteen letters and more") as (_, url):  # noqa: S106  # of a test
        assert httpx.get(f"{url}/v1/policy").status_code == 200
        token = run("keys", "create", "ops", "--role", "read", "--role", "operate").strip()
        assert httpx.get(f"{url}/v1/policy").status_code == 401
        assert httpx.get(f"{url}/v1/policy", headers={"Authorization": f"Bearer {token}"}).status_code == 200
        assert "asks for a key" in run("policy", "show", fails=True)
        environment = {"LTRR_DATA_DIR": str(tmp_path), "LTRR_KEY": token, "PATH": "/usr/bin"}
        subprocess.run([LTRR, "policy", "show"], check=True, env=environment, capture_output=True)
        examined = subprocess.run([LTRR, "doctor", "--json"], check=False, env=environment, capture_output=True)
        assert {one["what"]: one["state"] for one in json.loads(examined.stdout)["findings"]}["baseline"] == "undecided"
        listed = run("keys", "list", "--json")
        assert [key["name"] for key in json.loads(listed)["keys"]] == ["ops"]
        assert token.rpartition("_")[2] not in listed
        assert "ops is revoked" in run("keys", "revoke", "ops")
        assert httpx.get(f"{url}/v1/policy", headers={"Authorization": f"Bearer {token}"}).status_code == 401
        assert "no key is called 'ops'" in run("keys", "revoke", "ops", fails=True)
    noted = [json.loads(line) for line in (tmp_path / "audit.jsonl").read_text().splitlines()]
    assert [one["action"] for one in noted] == ["create key", *["revoke key"] * 3]
    assert ["failed" in one for one in noted] == [False, False, False, True]


def test_origins_are_shown_whole(run: Run):
    """In a narrow terminal as well: a page whose origin differs in its last letters is another one."""
    origins = ("https://a-shop-of-a-long-name.example", "http://127.0.0.1:8077")
    run("keys", "create", "web", "--role", "search", "--origin", origins[0], "--origin", origins[1])
    cells = [line.split("│")[4].strip() for line in run("keys", "list").splitlines() if line.startswith("│")]
    assert "".join(cells).replace(" ", "") == ",".join(origins)


def test_an_origin_is_an_origin(run: Run):
    """A path after the host, or no scheme, is refused with how to write it."""
    for wrong in ("shop.example", "https://shop.example/", "https://shop.example/search"):
        said = run("keys", "create", "web", "--role", "search", "--origin", wrong, fails=True)
        assert re.search(r"no origin: write scheme, host and port alone", said)
