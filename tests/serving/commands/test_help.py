"""What the command line says of itself, and how what it says looks."""

import inspect
import json
import re
import shlex
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import pytest
import typer
import typer.rich_utils

import ltrr
from ltrr.serving.commands.bench import bench_named, benches
from ltrr.serving.commands.cli import COMMANDS, command_named, main
from ltrr.serving.commands.examples import EXAMPLES
from ltrr.serving.settings.versioned import VERSIONED
from tests.serving.shop import NOON_S, SECRET, WORDS, Shop

pytestmark = pytest.mark.whole

Run = Callable[..., tuple[str, str]]

STYLE = re.compile(r"\x1b\[[\d;]*m")
TABLES = [
    "search 'love night'",
    "memory 'love night'",
    "policy show",
    f"evaluate --policy uniform --policy static:fulltext=20,personal=20 --from {NOON_S + 20}",
    "ranker list",
    "keys list",
    "doctor",
]


def test_the_example_of_a_replay_sets_what_it_takes():
    """A name that `--set` refuses helps nobody."""
    name, _, _ = EXAMPLES["replay"].partition("--set ")[2].partition("=")
    assert name in VERSIONED


def parts() -> dict[str, typer.core.TyperCommand]:
    """Return the commands by full name."""
    found = {}
    for name in COMMANDS.keys() - {"bench"}:
        command = command_named(name)
        for part, nested in getattr(command, "commands", {"": command}).items():
            found[f"{name} {part}".strip()] = nested
    return found


@pytest.fixture(scope="module")
def searched(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a data folder in which was searched and clicked."""
    return fill(tmp_path_factory.mktemp("searched") / "data")


@pytest.fixture(scope="module")
def old(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return one on which no service is opened, which would drop what is too old to be kept."""
    return fill(tmp_path_factory.mktemp("old") / "data")


def fill(folder: Path) -> Path:
    """Search and click, once in five seconds from noon on."""
    with Shop(folder) as shop:
        for number in range(20):
            shop.clock.now_s = NOON_S + 5 * number
            answer = shop.search(f"{WORDS[number % 4]} night")
            if answer["items"]:
                shop.click(answer["query_id"], answer["items"][0]["object_id"])
    return folder


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], searched: Path) -> Run:
    """Return the command, run in this process in a terminal of 80 columns, as far as it is told so."""

    def run(call: str, **variables: str) -> tuple[str, str]:
        for name, value in {
            "LTRR_DATA_DIR": str(searched),
            "LTRR_SECRET": SECRET,
            "COLUMNS": "80",
            **variables,
        }.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(typer.rich_utils, "COLOR_SYSTEM", typer.rich_utils.COLOR_SYSTEM)  # put back afterwards
        monkeypatch.setattr(typer.rich_utils, "FORCE_TERMINAL", "FORCE_COLOR" in variables or None)
        monkeypatch.setattr(sys, "argv", ["ltrr", *shlex.split(call)])
        with pytest.raises(SystemExit):
            main()
        told = capfd.readouterr()
        return told.out, told.err

    return run


def test_the_version_is_told(run: Run):
    """`ltrr --version` prints it, and nothing else."""
    assert run("--version") == (f"ltrr {ltrr.__version__}\n", "")


@pytest.mark.parametrize(
    ("typed", "completed"),
    [
        ("ltrr pol", "policy"),
        ("ltrr policy pro", "promote"),
        ("ltrr judge --against", "--against"),
        ("ltrr jud", "judge"),
        ("ltrr bench tru", "trust"),
        ("ltrr bench trust --que", "--queries"),
    ],
)
def test_the_shell_completes(typed: str, completed: str, run: Run):
    """Commands, those of a group and options are completed, though no command is imported before it is called."""
    words = {"COMP_WORDS": typed, "COMP_CWORD": str(len(typed.split()) - 1)}
    assert completed in run("", _LTRR_COMPLETE="complete_bash", **words)[0].split()


def test_each_command_has_an_example():
    """Help shows a call of each command, which its options take."""
    commands = parts()
    assert EXAMPLES.keys() == commands.keys()
    for name, command in commands.items():
        assert command.epilog == f"Example: {EXAMPLES[name]}"
        program, *arguments = shlex.split(EXAMPLES[name])
        assert program == "ltrr"
        assert arguments[: len(name.split())] == name.split()
        command.make_context(name, arguments[len(name.split()) :])  # raises where an option is none


@pytest.mark.parametrize("name", benches())
def test_a_bench_has_its_own_options(name: str, run: Run):
    """Help of a bench shows what it measures, the options that it takes and no others, and a call that it takes."""
    shown, trouble = run(f"bench {name} --help")
    assert not trouble
    takes = inspect.signature(import_module(benches()[name]).run).parameters
    assert ("--data" in shown) == ("data" in takes)
    assert ("--minutes" in shown) == ("minutes" in takes)
    command = bench_named(name)
    assert command.help in command_named("bench").commands[name].help
    program, group, called, *arguments = shlex.split(str(command.epilog).removeprefix("Example: "))
    assert (program, group, called) == ("ltrr", "bench", name)
    command.make_context(name, arguments)  # raises where an option is none
    assert " ".join(["ltrr bench", name, *arguments]) in shown


def test_help_shows_the_example(run: Run):
    """The example stands under the options, of a command in a group as well."""
    assert EXAMPLES["search"] in run("search --help")[0]
    assert EXAMPLES["policy diff"] in run("policy diff --help")[0]


@pytest.mark.parametrize("call", TABLES)
def test_tables_fit_80_columns(call: str, run: Run):
    """No line is longer, no name of a column is broken within a word."""
    told, trouble = run(call)
    assert told, trouble
    lines = told.splitlines()
    assert max(map(len, lines)) <= 80
    words = {word for line in lines if line.startswith("┃") for word in re.findall(r"[\w%()-]+", line)}
    assert words <= KNOWN, sorted(words - KNOWN)


KNOWN = {
    *("id", "name", "type", "score", "brought", "by", "arm", "budget", "propensity"),
    *("entity", "because", "predicted", "near", "actions", "examinations", "calls", "credit", "filled", "new"),
    *("popular", "personal", "decayed", "weight", "mean", "P(0)", "P(5)", "P(10)", "P(20)", "position", "looked", "at"),
    *("95%", "interval", "estimator", "reward", "bootstrap", "Bernstein", "effective", "against", "the", "log"),
    *("version", "application", "ranker", "learned", "from", "NDCG", "difference", "(95%)"),
    *("roles", "origins", "created", "state", "what", "was", "found"),
}


@pytest.mark.parametrize("call", [*TABLES, "--help", "search --help", "policy --help", "topics describe"])
def test_no_color_is_no_style(call: str, run: Run):
    """Where NO_COLOR is set nothing has color, nor any other style, whatever asks for it."""
    told = "".join(run(call, NO_COLOR="1", FORCE_COLOR="1"))
    assert told
    assert STYLE.search(told) is None


def test_color_where_it_is_asked_for(run: Run):
    """Without NO_COLOR there is some style: the test above looks for what can be there."""
    for call in ("policy show", "--help"):
        assert STYLE.search(run(call, FORCE_COLOR="1")[0])


@pytest.mark.parametrize(
    ("more", "warned"),
    [
        (f"igw --from {NOON_S}", True),
        (f"igw --from {NOON_S} --progressive", False),
        (f"igw --from {NOON_S + 20}", False),
        (f"uniform --from {NOON_S}", False),
    ],
)
def test_evaluating_policies_that_were_taught_nothing(more: str, warned: bool, run: Run, old: Path):  # noqa: FBT001  # a case
    """It is told where nothing was learned before --from, of policies that learn, and not as they go."""
    told, trouble = run(f"evaluate --json --policy {more}", LTRR_DATA_DIR=str(old))
    assert ("nothing was learned before --from" in trouble) == warned
    assert json.loads(told)["untaught"] == warned
