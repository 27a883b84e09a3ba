"""Real servers: `ltrr serve` as a process of its own."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

LTRR = str(Path(sys.executable).parent / "ltrr")


@contextmanager
def serving(folder: Path, **environment: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Yield a server over a data folder, and its URL; it is killed where it still runs at the end."""
    variables = os.environ | {"LTRR_DATA_DIR": str(folder), **environment}
    command = [LTRR, "serve", "--port", "0"]
    with subprocess.Popen(command, env=variables, stderr=subprocess.PIPE, text=True) as server:
        try:
            assert server.stderr is not None
            line = server.stderr.readline()
            found = re.match(r"ltrr serves \d+ entities at (http://127\.0\.0\.1:\d+) ", line)
            assert found, line
            yield server, found[1]
        finally:
            server.kill()
