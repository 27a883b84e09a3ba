"""The results of a report as a table between two marks of a page."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from ltrr.models.errors import InvalidInput

BEGIN: Final = "<!-- results, which make bench-report writes -->"
END: Final = "<!-- end of results -->"
_COMPARED: Final = ("ratio", "share", "times", "exponent")
_DIGITS: Final = 3

Results = Mapping[str, Mapping[str, Any]]
"""Name of an entry -> its document, or {"failed": why}; each with "date" and "quick"."""


def table(results: Results) -> str:
    """Return what was compared with a peer or has a target, and what could not be measured."""
    lines = [
        "| bench | figure | value | low to high | target | |",
        "|---|---|---|---|---|---|",
        *(row for name, document in results.items() for row in _rows(name, document)),
    ]
    told = [target["met"] for document in results.values() for target in document.get("targets", ())]
    where = sorted({_where(document) for document in results.values() if "machine" in document})
    lines += ["", f"Met: {sum(told)} of {len(told)} targets. Measured on {'; '.join(where)}."]
    lines += [f"\nNot measured: `{name}`: {one['failed']}" for name, one in results.items() if "failed" in one]
    return "\n".join(lines)


def put(page: Path, results: Results) -> None:
    """Write the table between the marks of a page. Raises InvalidInput where it has none."""
    text = page.read_text(encoding="utf-8")
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise InvalidInput(f"{page} has no place for results: put {BEGIN} and {END} there")
    page.write_text(f"{before}{BEGIN}\n\n{table(results)}\n\n{END}{after}", encoding="utf-8")


def _rows(name: str, document: Mapping[str, Any]) -> Iterator[str]:
    targets = {target["figure"]: target for target in document.get("targets", ())}
    for said in document.get("tabled") or document.get("figures", ()):
        figure, target = document["figures"][said], targets.get(said)
        if target is None and figure["unit"] not in _COMPARED:
            continue
        unit = "" if figure["unit"] in _COMPARED else f" {figure['unit']}"
        wanted, met = ("", "") if target is None else (f"{target['op']} {target['limit']:g}", _MET[target["met"]])
        span = f"{_number(figure['low'])} to {_number(figure['high'])}"
        yield f"| {name} | {said} | {_number(figure['value'])}{unit} | {span} | {wanted} | {met} |"


_MET: Final = {True: "met", False: "**missed**"}


def _where(document: Mapping[str, Any]) -> str:
    machine = document["machine"]
    quick = ", in a quick run" if document.get("quick") else ""
    return f"{machine['cores']} cores, Python {machine['python']}, {document.get('date', 'undated')}{quick}"


def _number(value: float | None) -> str:
    if value is None:
        return "?"
    return f"{value:.{_DIGITS}g}" if abs(value) < 10**_DIGITS else f"{value:,.0f}"
