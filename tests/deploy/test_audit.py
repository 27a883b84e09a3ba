"""What is said of known vulnerabilities, and of packages of which nothing can be learned."""

from typing import Any

from deploy.audit import verdict

SOUND = {"name": "sound", "version": "1.0", "vulns": []}
KNOWN = {"id": "CVE-2026-1", "fix_versions": ["2.1"], "aliases": [], "description": ""}
BROKEN = {"name": "broken", "version": "2.0", "vulns": [KNOWN, {**KNOWN, "id": "CVE-2026-2", "fix_versions": []}]}
UNKNOWN = {"name": "unknown", "skip_reason": "not found"}


def report(*packages: dict[str, Any]) -> dict[str, Any]:
    """Return what pip-audit writes."""
    return {"dependencies": [*packages], "fixes": []}


def test_a_known_vulnerability_fails():
    """Each is told with the package and the version that mends it."""
    sound, lines = verdict(report(SOUND, BROKEN))
    assert not sound
    assert lines == [
        "broken 2.0: CVE-2026-1, mended in 2.1",
        "broken 2.0: CVE-2026-2, mended in no version",
        "2 packages audited, 2 vulnerabilities",
    ]


def test_what_cannot_be_looked_up_is_no_finding():
    """Packages without advisories are named; where none has any, or nothing answers, nothing was audited."""
    assert verdict(report(SOUND, UNKNOWN)) == (
        True,
        ["1 packages audited, 0 vulnerabilities; nothing can be said of 1: unknown"],
    )
    for nothing in (report(UNKNOWN), None):
        sound, [said] = verdict(nothing)
        assert (sound, said.startswith("NOT AUDITED")) == (True, True)
