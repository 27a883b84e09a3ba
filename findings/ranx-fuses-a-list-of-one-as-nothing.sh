#!/usr/bin/env bash
# ranx 0.3.21: `fuse` normalises each list by min-max unless told otherwise, and a list with one hit, or with hits of one
# score, has nothing between its least and its most: all of it becomes 0. So the only thing that a retriever was sure of
# counts as much as what no retriever found, for CombSUM, CombMAX and CombMNZ alike, and stands with the worst hit of a
# longer list. `log_isr` gives 0 to whatever a single list found, at any rank, since its factor is log(number of lists).
# Ranks alone keep it: `rrf`, `isr`, or `norm="rank"`.
# Seen: sum, max and mnz {first: 1.0, second: 0.0, sure: 0.0}, log_isr 0.0 for all, isr {first: 1.0, sure: 1.0, second: 0.25}.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check ranx==0.3.21
"$folder/venv/bin/python" -W ignore - <<'END'
import sys

from ranx import Run, fuse

seen = {}
for method in ("sum", "max", "mnz", "log_isr", "isr"):
    lists = [Run({"q": {"first": 2.0, "second": 1.0}}), Run({"q": {"sure": 5.0}})]
    seen[method] = {name: round(float(score), 4) for name, score in sorted(fuse(lists, method=method)["q"].items())}
for method, scores in seen.items():
    print(method, scores)
nothing = {"first": 1.0, "second": 0.0, "sure": 0.0}
expected = {
    "sum": nothing,
    "max": nothing,
    "mnz": nothing,
    "log_isr": dict.fromkeys(nothing, 0.0),
    "isr": {"first": 1.0, "second": 0.25, "sure": 1.0},
}
sys.exit(seen != expected)
END
