"""Fetch a server's software with Maven, once."""

import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from deploy.local.failure import Failed

POM = Path(__file__).with_name("pom.xml")
_FETCH_S = 900  # a slow network; Maven gives up on a dead one by itself


def version(name: str) -> str:
    """Return the version that pom.xml asks for."""
    found = re.search(rf"<{name}\.version>(.+?)</", POM.read_text(encoding="utf-8"))
    if found is None:
        raise Failed(f"{POM} has no property {name}.version")
    return found[1]


def fetch(name: str, goal: str, into: Path, java: Path, environment: Mapping[str, str]) -> None:
    """Fetch what pom.xml's execution of that name asks for; the folder appears complete or not at all."""
    if into.exists():
        return
    maven = shutil.which("mvn", path=environment.get("PATH", os.defpath))
    if maven is None:
        raise Failed("Maven fetches the servers, and there is no mvn on the PATH; install it (apt-get install maven)")
    into.parent.mkdir(parents=True, exist_ok=True)
    fresh = into.with_name(f".{into.name}.{os.getpid()}")
    command = [maven, "--quiet", "--batch-mode", f"--file={POM}", f"dependency:{goal}@{name}", f"-Dinto={fresh}"]
    try:
        run = subprocess.run(  # noqa: S603  # the user's own Maven
            command,
            env={**environment, "JAVA_HOME": str(java)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=_FETCH_S,
            check=False,
        )
        if run.returncode or not fresh.is_dir():
            raise Failed(
                f"Maven could not fetch {name} {version(name)}: {first_error(run.stdout)}; is Maven Central, or the "
                "mirror in ~/.m2/settings.xml, within reach?"
            )
        _open(fresh)
        _put(fresh, into)
    except subprocess.TimeoutExpired:
        raise Failed(f"Maven did not fetch {name} within {_FETCH_S} s; is the network slow? try again") from None
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _open(fresh: Path) -> None:
    """Let all users read it: a server may run as another one, and archives have modes of their own."""
    for path in (fresh, *fresh.rglob("*")):
        path.chmod(path.stat().st_mode | (0o555 if path.is_dir() else 0o444))


def _put(fresh: Path, into: Path) -> None:
    try:
        fresh.rename(into)
    except OSError:
        if not into.is_dir():  # else another one was faster
            raise


def first_error(output: str) -> str:
    """Return the first error that Maven printed, without its decoration."""
    lines = [re.sub(r"\x1b\[[0-9;]*m", "", line).strip() for line in output.splitlines()]
    errors = [line.removeprefix("[ERROR]").strip() for line in lines if line.startswith("[ERROR]")]
    said = next((line for line in (*errors, *lines) if line), "it said nothing")
    return said.partition(" -> [Help")[0]
