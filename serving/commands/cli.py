"""The command line: each command is a function, or an application, of its own module, imported when it is called."""

import os
import sys
from importlib import import_module
from typing import Annotated, Any, Final

import typer
import typer.rich_utils
from typer.core import TyperGroup

import ltrr
from ltrr.models.errors import InvalidInput, LtrrError
from ltrr.serving.commands.examples import EXAMPLES
from ltrr.serving.logs import write_logs

COMMANDS: Final = {
    "serve": ("serve:serve", "Serve searches and take events over the data folder (LTRR_DATA_DIR) until Ctrl-C."),
    "index": ("index:index", "Load or update a catalogue, or rebuild its index."),
    "publish": ("publish:publish", "Publish events; what is bad is left out, and summed up by kind on standard error."),
    "search": ("search:search", "Search, and show the plan that was run."),
    "memory": ("search:memory", "Show what is remembered of a query: its query-to-entity (Q2E) pairs."),
    "demo": (
        "demo:demo",
        "Watch retrieval being learned: a catalogue, listeners, the service, and what each policy earns.",
    ),
    "worker": ("worker:worker", "Learn from Kafka: join, credit, bandit, memory and ranker, until SIGTERM or Ctrl-C."),
    "evaluate": (
        "learned.evaluate:evaluate",
        "Estimate what policies would have earned on the logged queries of a range of time.",
    ),
    "judge": (
        "judge:judge",
        "Judge the answers of the live index by a query set with judgements, and teach it nothing.",
    ),
    "replay": (
        "learned.replay:replay",
        "Rebuild policy, memory and ranker from the event topics into a version of their own; go on where it ended.",
    ),
    "policy": ("learned.policy:policy_app", "Look at the learned policy and its versions, and change over."),
    "ranker": ("learned.ranker:ranker_app", "Rank with trees (LambdaMART) in place of the online ranker."),
    "topics": ("topics:topics_app", "Make the Kafka topics, and look at them."),
    "export": (
        "export:export",
        "Write the events of a topic to standard output as JSON lines, partition by partition; of entities the newest.",
    ),
    "keys": ("keys:keys_app", "Keys of callers: once there is one, `ltrr serve` asks for them."),
    "privacy": ("privacy:privacy_app", "Show what is known of a visitor, and forget it."),
    "doctor": (
        "doctor:doctor",
        "Check settings, versions, data folder, ports, servers, topics and indexes; exit 1 where something fails.",
    ),
    "bench": ("bench:bench_app", "Measure a part of the product; a target that is missed fails nothing."),
}
"""What `ltrr --help` lists: name -> module and what of it, and the first sentence of its help."""


class _Commands(TyperGroup):
    """All commands by name, and the one that is called as it is: together they bring every library there is."""

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:  # noqa: ANN401  # Typer hides the types
        """Import the command."""
        name, command, rest = super().resolve_command(ctx, args)
        return name, command and command_named(str(command.name)), rest


app = typer.Typer(
    name="ltrr",
    cls=_Commands,
    help="Learning to rank and retrieve.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version_asked(asked: bool) -> None:  # noqa: FBT001  # as Typer calls it
    if asked:
        typer.echo(f"ltrr {ltrr.__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[  # noqa: FBT002  # a flag, which its callback answers
        bool, typer.Option("--version", is_eager=True, callback=_version_asked, help="Show the version and exit.")
    ] = False,
) -> None:
    """Learning to rank and retrieve."""


for _name, (_, _said) in COMMANDS.items():
    app.command(_name, help=_said)(lambda: None)


def command_named(name: str) -> Any:  # noqa: ANN401  # Typer hides the type
    """Return a command with its options, or a group with its commands."""
    module, _, attribute = COMMANDS[name][0].partition(":")
    found = getattr(import_module(f"ltrr.serving.commands.{module}"), attribute)
    alone = typer.Typer()
    if isinstance(found, typer.Typer):
        alone.add_typer(found, name=name)
    else:
        alone.command(name)(found)
    command = typer.main.get_group(alone).commands[name]
    for part, nested in getattr(command, "commands", {"": command}).items():
        example = EXAMPLES.get(f"{name} {part}".strip())  # of a bench, itself has one
        nested.epilog = f"Example: {example}" if example else None
    return command


def main(*command: str) -> None:
    """Run a command, that of the command line where none is given.

    It ends with 0 for success, 1 for failure, 2 for wrong use, and one line on standard error.
    """
    os.umask(0o077)  # logs, states, keys and exports are their owner's alone, whatever writes them
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # products are small: threads would wait for each other
    if os.environ.get("NO_COLOR"):  # Rich leaves out colors alone, help has other styles too
        typer.rich_utils.COLOR_SYSTEM = None
    write_logs()
    try:
        sys.exit(app(command or None, prog_name="ltrr", standalone_mode=False))
    except LtrrError as error:
        sys.stderr.write(f"ltrr: {error}\n")
        sys.exit(2 if isinstance(error, InvalidInput) else 1)
    except typer.TyperException as error:
        sys.stderr.write(_wrong_use(error))
        sys.exit(2)
    except typer.Abort:
        sys.exit(130)


def _wrong_use(error: typer.TyperException) -> str:
    """Return one line for a wrong call; a command that was called without what it needs has printed its help."""
    context = getattr(error, "ctx", None)
    if not str(error):
        return ""
    command = context.command_path if context else "ltrr"
    return f"ltrr: {error.format_message().rstrip('.')}; see {command} --help\n"
