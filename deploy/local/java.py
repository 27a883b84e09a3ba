"""Find a Java runtime."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from deploy.local.failure import Failed

DEBIAN: Final = Path("/usr/lib/jvm")
_ANSWER_S = 20


def find(
    least: int, environment: Mapping[str, str], installed: Path = DEBIAN, variables: Sequence[str] = ("JAVA_HOME",)
) -> Path:
    """Return the home of a Java runtime of a major version or newer.

    Looks at the homes that `variables` name, at `java` on the PATH, then below `installed`, and takes the first that is
    new enough.
    """
    seen: dict[Path, int] = {}
    for home in _homes(environment, installed, variables):
        if home not in seen:
            seen[home] = version(home)
            if seen[home] >= least:
                return home
    found = ", ".join(f"{number} in {home}" for home, number in seen.items() if number) or "none"
    raise Failed(
        f"Java {least} or newer is needed (found: {found}); install it (Debian and Ubuntu have "
        f"a package openjdk-{least}-jre-headless, or a newer one) or point {variables[0]} to it"
    )


def version(home: Path) -> int:
    """Return the major version of a Java home; 0 where it cannot be told."""
    try:
        answer = subprocess.run(  # noqa: S603  # the user's own Java
            [home / "bin" / "java", "-version"], capture_output=True, text=True, timeout=_ANSWER_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return 0
    number = re.search(r'version "(\d+)', answer.stderr)
    return int(number[1]) if number else 0


def _homes(environment: Mapping[str, str], installed: Path, variables: Sequence[str]) -> Iterator[Path]:
    for variable in variables:
        if environment.get(variable):
            yield Path(environment[variable]).resolve()
    on_path = shutil.which("java", path=environment.get("PATH", os.defpath))
    if on_path:
        yield Path(on_path).resolve().parent.parent
    for java in sorted(installed.glob("*/bin/java")):
        yield java.parent.parent.resolve()
