"""What the pages tell a newcomer to type does what they say, typed in their order over one data folder."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from ltrr.serving.http.server import address, bind
from tests.docs.pages import PAGES, README, blocks, every_page, section

pytestmark = pytest.mark.whole

JUDGED = {
    "qrels.txt": "q1 0 song-1 1\n",
    "topics.tsv": "q1\tlove story\n",
    "ratings.csv": "query,docid,rating\nlove,song-1,2\n",
}


class Typed:
    """A terminal in a folder, in which the commands of a page are typed; the port is a free one."""

    def __init__(self, folder: Path) -> None:
        with bind("127.0.0.1", 0) as free:
            self.url = address(free)
        port = self.url.rpartition(":")[2]
        programs = folder / ".venv" / "bin"
        programs.mkdir(parents=True)
        (programs / "ltrr").symlink_to(Path(sys.executable).parent / "ltrr")
        others = {name: value for name, value in os.environ.items() if not name.startswith("LTRR_")}
        self.folder, self.environment = folder, {**others, "LTRR_PORT": port}

    def type(self, script: str) -> str:
        """Run a block to its end; return what it prints. Raises where a command of it fails."""
        script = script.replace("http://127.0.0.1:8080", self.url).replace("make install\n", "")
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", script],  # noqa: S607  # the shell that people type into
            cwd=self.folder,
            env=self.environment,
            check=False,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, (script, done.stdout, done.stderr)
        return done.stdout


@pytest.fixture(scope="module")
def terminal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Typed]:
    """Yield a terminal beside a server, after the first commands of "Your own catalogue"."""
    typed = Typed(tmp_path_factory.mktemp("newcomer"))
    first, _ = blocks(section(README, "Your own catalogue"), "sh")
    load, serve = first.replace("make install\n", "").rsplit("\n", 2)[0:2]
    typed.type(load)
    with subprocess.Popen(serve.split(), cwd=typed.folder, env=typed.environment, stderr=subprocess.PIPE) as server:
        assert server.stderr is not None
        assert b"ltrr serves 3 entities" in server.stderr.readline()
        yield typed
        server.terminate()


def test_a_search_and_a_click(terminal: Typed):
    """The second block of "Your own catalogue": the click is accepted, and the memory of the query shows it."""
    _, second = blocks(section(README, "Your own catalogue"), "sh")
    told = terminal.type(second)
    assert '"accepted":1' in told
    assert "Love Story" in told
    assert "policy igw" in told


TYPED = ("docs/judging.md", "docs/operating/privacy.md", "docs/operating/access.md")
"""Pages whose blocks are all typed here, but for one of README's sections."""


@every_page
def test_what_is_typed_is_marked(page: str):
    """A shell block in `sh` is typed here; one in `bash`, which wants servers or minutes, is not."""
    typed = PAGES[page] if page in TYPED else section(README, "Your own catalogue") if page == "README.md" else ""
    assert blocks(PAGES[page], "sh") == blocks(typed, "sh")
    assert page not in TYPED or not blocks(typed, "bash")


@pytest.mark.parametrize("page", TYPED[:2])
def test_commands_of_pages(terminal: Typed, page: str):
    """Commands that ask the server that runs, and need no more than files."""
    for name, text in JUDGED.items():
        (terminal.folder / name).write_text(text)
    for block in blocks(PAGES[page], "sh"):
        if "--against" not in block:  # which wants another server, or this folder for itself
            terminal.type(block)


def test_keys(terminal: Typed):
    """Once the first key is made others are refused; the key of the page opens."""
    for block in blocks(PAGES["docs/operating/access.md"], "sh"):
        told = terminal.type(block)
    key = re.findall(r"ltrr_[\w-]+", told)[-1]
    origin = {"Origin": "https://shop.example", "Authorization": f"Bearer {key}"}
    end_s = time.monotonic() + 10
    while httpx.post(f"{terminal.url}/v1/search", json={"query": "love"}).status_code != 401:
        assert time.monotonic() < end_s
    assert httpx.post(f"{terminal.url}/v1/search", json={"query": "love"}, headers=origin).status_code == 200
