"""`python -m deploy.local up|down|status`: 0 for success, 1 for failure or not up, 2 for wrong use."""

import argparse
import json
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from deploy.local import ports, servers
from deploy.local.failure import Failed
from deploy.local.server import Server
from deploy.local.servers import SERVERS, WAIT_S, Options
from deploy.local.software import Fetched

_EPILOG = """\
Each option has a variable: --folder is SERVERS_FOLDER, --kafka-port is SERVERS_KAFKA_PORT. Variables that begin with
LTRR_ are ltrr's own. JAVA_HOME names the Java to use, ES_JAVA_HOME one for Elasticsearch alone, QDRANT_BIN the program
of Qdrant, which listens with gRPC on the port after its own. kafka-tls is a Kafka that asks for TLS and a login (SASL);
without them it listens on the port after its own. servers.json in the folder tells where the servers are."""


def parser(environment: Mapping[str, str]) -> argparse.ArgumentParser:
    """Return the parser; what is not given comes from the environment."""

    def held(name: str, default: str) -> str:
        return environment.get(f"SERVERS_{name}") or default

    found = argparse.ArgumentParser(
        prog="python -m deploy.local", description="Run real servers on this machine, without Docker.", epilog=_EPILOG
    )
    found.add_argument("action", choices=("up", "down", "status"), help="start, end or look at the servers")
    found.add_argument("server", nargs="*", type=_server, help="which ones; all but kafka-tls where none is named")
    found.add_argument("--folder", type=Path, default=held("FOLDER", ".ltrr/servers"), help="of data and logs")
    found.add_argument(
        "--software", type=Path, default=held("SOFTWARE", "") or None, help="of what is fetched; FOLDER/software"
    )
    for server in SERVERS:
        found.add_argument(
            f"--{server.name}-port",
            type=_port,
            default=held(f"{server.name.upper().replace('-', '_')}_PORT", str(server.port)),
            help=f"where {server.name} listens, 0 for any free port; {server.port}",
        )
    found.add_argument(
        "--free-ports",
        action="store_true",
        default=held("FREE_PORTS", "") not in {"", "0", "false"},
        help="take other ports where these are taken",
    )
    heaps = ", ".join(f"{server.heap} for {server.name}" for server in SERVERS if isinstance(server.source, Fetched))
    found.add_argument(
        "--heap", default=held("HEAP", "") or None, help=f"memory of each, as Java's -Xmx takes it; {heaps}"
    )
    found.add_argument("--wait", type=float, default=held("WAIT", f"{WAIT_S:g}"), help="seconds for a server to answer")
    found.add_argument("--json", action="store_true", help="print one JSON document on standard output")
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; return the exit code."""
    given = parser(os.environ).parse_args(arguments)
    folder = given.folder.absolute()
    chosen = tuple(dict.fromkeys(given.server)) or servers.usual(folder, os.environ)
    options = Options(
        folder=folder,
        software=(given.software or folder / "software").absolute(),
        ports={server.name: getattr(given, f"{server.name.replace('-', '_')}_port") for server in SERVERS},
        free_ports=given.free_ports,
        heap=given.heap,
        wait_s=given.wait,
    )
    try:
        if given.action == "up":
            servers.up(options, _say, chosen)
        elif given.action == "down":
            servers.down(options, _say, chosen)
    except (Failed, OSError) as error:
        _say(f"error: {error}")
        return 1
    except KeyboardInterrupt:
        return 130
    states = servers.status(folder, chosen)
    if given.json:
        sys.stdout.write(json.dumps(states) + "\n")
    elif given.action == "status":
        for name, state in states.items():
            where = "".join(f", {key} {value}" for key, value in state.items() if key != "state")
            sys.stdout.write(f"{name}: {state['state']}{where}\n")
    wanted = "down" if given.action == "down" else "up"
    return 0 if all(state["state"] == wanted for state in states.values()) else 1


def _server(name: str) -> Server:
    for server in SERVERS:
        if server.name == name:
            return server
    known = ", ".join(server.name for server in SERVERS)
    raise argparse.ArgumentTypeError(f"no server is called {name!r}; there are: {known}")


def _port(text: str) -> int:
    number = int(text)
    if not 0 <= number <= ports.LAST:
        raise argparse.ArgumentTypeError(f"{text} is no port")
    return number


def _say(line: str) -> None:
    sys.stderr.write(f"servers: {line}\n")


if __name__ == "__main__":
    sys.exit(main())
