"""`python -m deploy.audit LOCK`: look for known vulnerabilities of what a lock file installs.

Exits with 1 where there are. Where no advisories can be reached it says so and exits with 0, since nothing was found.
"""

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from typing import Any

_SHOWN = 5


def verdict(report: Mapping[str, Any] | None) -> tuple[bool, list[str]]:
    """Return whether what was looked up is sound, and what to say. report: of pip-audit; None where it gave none."""
    packages: Sequence[Mapping[str, Any]] = [] if report is None else report["dependencies"]
    asked = [one for one in packages if "skip_reason" not in one]
    if not asked:
        return True, ["NOT AUDITED: no advisories can be reached from here; say `make audit` where they can"]
    found = [(one, vulnerability) for one in asked for vulnerability in one["vulns"]]
    lines = [
        f"{one['name']} {one['version']}: {known['id']}, mended in {', '.join(known['fix_versions']) or 'no version'}"
        for one, known in found
    ]
    left = sorted(one["name"] for one in packages if "skip_reason" in one)
    some = ", ".join(left[:_SHOWN]) + (", ..." if len(left) > _SHOWN else "")
    unknown = f"; nothing can be said of {len(left)}: {some}" if left else ""
    return not found, [*lines, f"{len(asked)} packages audited, {len(found)} vulnerabilities{unknown}"]


def main(lock: str) -> int:
    """Ask pip-audit, and print what it found."""
    options = ["--requirement", lock, "--disable-pip", "--format", "json", "--progress-spinner", "off"]
    command = [sys.executable, "-m", "pip_audit", *options]
    asked = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603  # our own command
    try:
        sound, lines = verdict(json.loads(asked.stdout))
    except ValueError:  # it could not connect
        sound, lines = verdict(None)
        lines += asked.stderr.strip().splitlines()[-1:]
    sys.stdout.write("\n".join(lines) + "\n")
    return 0 if sound else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
