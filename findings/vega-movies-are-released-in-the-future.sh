#!/usr/bin/env bash
# vega-datasets 3.2.1, movies.json, the catalogue of many examples: 22 films of 1915 to 1946 are released a hundred
# years later, as their years once had two digits ("Gone with the Wind": Dec 15 2039), while 75 others of before 1969
# have the day that they had. Of 38 more the year alone was known: they are released on the last day of the year
# before, so that a film of 1942 is none of 1942 ("Casablanca": Dec 31 1941). Newest first begins with "Duel in the
# Sun", Dec 31 2046.
# Seen: after 2011: 22; before 1969 on Dec 31: 38, on other days: 75; the last: Duel in the Sun, Dec 31 2046
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm pack --silent vega-datasets@3.2.1 > /dev/null
tar -xzf vega-datasets-3.2.1.tgz
python3 - <<'PY'
import json
from datetime import datetime
from pathlib import Path

films = json.loads(next(Path("package").rglob("movies.json")).read_text())
dated = [(datetime.strptime(film["Release Date"], "%b %d %Y"), film["Title"]) for film in films if film["Release Date"]]
ahead = [one for one in dated if one[0].year > 2011]
early = [one for one, _ in dated if one.year < 1969]
ends = sum((one.month, one.day) == (12, 31) for one in early)
last, title = max(dated)
seen = (
    f"after 2011: {len(ahead)}; before 1969 on Dec 31: {ends}, on other days: {len(early) - ends}; "
    f"the last: {title}, {last:%b %d %Y}"
)
print(seen)
held = dict((title, f"{day:%b %d %Y}") for day, title in dated)
assert held["Gone with the Wind"] == "Dec 15 2039"
assert held["Casablanca"] == "Dec 31 1941"
assert seen == "after 2011: 22; before 1969 on Dec 31: 38, on other days: 75; the last: Duel in the Sun, Dec 31 2046"
PY
