"""Find a Java runtime."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from deploy.local.failure import Failed

DEBIAN = Path("/usr/lib/jvm")
_ANSWER_S = 20


def find(least: int, environment: dict[str, str], installed: Path = DEBIAN) -> Path:
    """Return the home of a Java runtime of a major version or newer.

    Looks at JAVA_HOME, at `java` on the PATH, then below `installed`, and takes the first that is new enough.
    """
    seen: dict[Path, int] = {}
    for home in _homes(environment, installed):
        if home not in seen:
            seen[home] = version(home)
            if seen[home] >= least:
                return home
    found = ", ".join(f"{number} in {home}" for home, number in seen.items() if number) or "none"
    raise Failed(
        f"Java {least} or newer is needed (found: {found}); install it (Debian: apt-get install "
        f"openjdk-{least}-jre-headless) or point JAVA_HOME to it"
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


def _homes(environment: dict[str, str], installed: Path) -> Iterator[Path]:
    if environment.get("JAVA_HOME"):
        yield Path(environment["JAVA_HOME"]).resolve()
    on_path = shutil.which("java", path=environment.get("PATH", os.defpath))
    if on_path:
        yield Path(on_path).resolve().parent.parent
    for java in sorted(installed.glob("*/bin/java")):
        yield java.parent.parent.resolve()
