#!/usr/bin/env bash
# tantivy 0.27.0 (Python): a `terms` aggregation over a float field, ordered by `_key`, does not order numbers by size.
# Whole numbers come first, in order, and behind them the fractions, in theirs: -10, -1, 2, 30, -3.5, 0.5. Descending is
# the same list backwards. Whoever shows prices or years as buckets "by key" has to sort them again.
# Seen: ascending [-10, -1, 2, 30, -3.5, 0.5], descending [0.5, -3.5, 30, 2, -1, -10].
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check tantivy==0.27.0
"$folder/venv/bin/python" - <<'END'
import sys

import tantivy

schema = tantivy.SchemaBuilder()
schema.add_float_field("price", fast=True)
index = tantivy.Index(schema.build())
writer = index.writer(15_000_000, 1)
for price in (-3.5, -10.0, 2.0, -1.0, 30.0, 0.5):
    document = tantivy.Document()
    document.add_float("price", price)
    writer.add_document(document)
writer.commit()
index.reload()
seen = {}
for order in ("asc", "desc"):
    asked = {"by": {"terms": {"field": "price", "order": {"_key": order}}}}
    answer = index.searcher().aggregate(tantivy.Query.all_query(), asked)
    seen[order] = [bucket["key"] for bucket in answer["by"]["buckets"]]
print(seen)
if seen != {"asc": [-10, -1, 2, 30, -3.5, 0.5], "desc": [0.5, -3.5, 30, 2, -1, -10]}:
    sys.exit("this has changed")
END
echo "still so"
