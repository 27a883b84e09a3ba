"""How the command line starts."""

import subprocess
import sys
from pathlib import Path

import pytest

from ltrr.serving.commands.cli import COMMANDS, command_named

ENGINES = ("elasticsearch", "fastembed", "lightgbm", "qdrant_client")
SCIENCE = ("pandas", "scipy", "sklearn")
SERVERS = ("aiohttp", "aiokafka", "fastapi", "faust", "kafka", "uvicorn")
OURS = ("numpy", "pydantic", "pydantic_settings", "river")
HELP = "from ltrr.serving.commands.cli import main; main()"
CALLED = "from ltrr.serving.commands.cli import command_named; command_named({!r})"
OPENED = (
    "from ltrr.serving.http.api import create_app; from ltrr.serving.service.opening import open_service;"
    "from ltrr.serving.settings.settings import load_settings; create_app(open_service(load_settings()))"
)


def loaded(program: str, *arguments: str) -> set[str]:
    """Return the packages that a program has imported when it ends."""
    look = f"import atexit, sys; atexit.register(lambda: print(*sys.modules, file=sys.stderr)); {program}"
    ended = subprocess.run([sys.executable, "-c", look, *arguments], capture_output=True, text=True, check=True)
    return set(ended.stderr.split())


@pytest.mark.whole
@pytest.mark.parametrize(
    ("program", "arguments", "slow"),
    [
        (HELP, ("--help",), (*ENGINES, *SCIENCE, *SERVERS, *OURS, "httpx")),
        (HELP, ("search", "--help"), (*ENGINES, *SCIENCE, *SERVERS)),
        *((CALLED.format(name), (), (*ENGINES, *SCIENCE)) for name in ("serve", "index", "worker", "demo", "doctor")),
        (OPENED, (), (*ENGINES, *SCIENCE, "aiohttp", "aiokafka", "faust", "holidays", "kafka")),
    ],
    ids=("help", "search", "serve", "index", "worker", "demo", "doctor", "opened"),
)
def test_no_slow_library_is_loaded_before_it_is_needed(
    program: str, arguments: tuple[str, ...], slow: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """The list of commands brings none, a server's answer none that serves, a folder none of Kafka, all no science."""
    monkeypatch.setenv("LTRR_DATA_DIR", str(tmp_path))
    assert loaded(program, *arguments).isdisjoint(slow)


@pytest.mark.parametrize("name", COMMANDS)
def test_the_list_says_what_commands_say_of_themselves(name: str):
    """What stands in `ltrr --help` is the first paragraph of the command's own help."""
    command = command_named(name)
    assert command.name == name
    assert COMMANDS[name][1] == " ".join(command.help.split("\n\n")[0].split())
