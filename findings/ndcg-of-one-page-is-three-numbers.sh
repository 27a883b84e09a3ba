#!/usr/bin/env bash
# nDCG@5 of one page, of which the second and fourth are relevant, and one more that is not shown, is .498 for
# ir_measures 0.4.3 and ranx 0.3.21, .570 for LensKit 0.14.4 and .360 for RecTools 0.19.0, which say "nDCG" of it alike.
# LensKit discounts by max(log2(rank), 1): the second place counts as the first, so that a page whose only relevant
# entity is second has 1. RecTools divides by five relevant ones, whoever has fewer: a page that cannot be better, with
# the one relevant entity first, has .339. Figures of papers and of benches are compared with the library, or not at all.
# Seen (page as above, only one relevant and it is second, it is first):
#   ir_measures 0.498 0.631 1.000
#   ranx        0.498 0.631 1.000
#   lenskit     0.570 1.000 1.000
#   rectools    0.360 0.214 0.339
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check lenskit==0.14.4 RecTools==0.19.0 ranx==0.3.21 \
  ir-measures==0.4.3 pytrec-eval-terrier==0.5.11 pandas==2.3.3
"$folder/venv/bin/python" -W ignore - <<'END'
import sys

import ir_measures
import pandas
import ranx
import rectools.metrics
from lenskit.metrics import topn

PAGE = ["a", "b", "c", "d", "e"]
SEEN = {
    "ir_measures": (0.498, 0.631, 1.0),
    "ranx": (0.498, 0.631, 1.0),
    "lenskit": (0.57, 1.0, 1.0),
    "rectools": (0.36, 0.214, 0.339),
}


def with_ir_measures(relevant):
    judged = [ir_measures.Qrel("q", one, 1) for one in relevant]
    page = [ir_measures.ScoredDoc("q", one, -place) for place, one in enumerate(PAGE)]
    return ir_measures.calc_aggregate([ir_measures.nDCG @ 5], judged, page)[ir_measures.nDCG @ 5]


def with_ranx(relevant):
    judged = ranx.Qrels({"q": dict.fromkeys(relevant, 1)})
    return ranx.evaluate(judged, ranx.Run({"q": {one: 5.0 - place for place, one in enumerate(PAGE)}}), "ndcg@5")


def with_lenskit(relevant):
    page = pandas.DataFrame({"item": PAGE, "rank": range(1, 6)})
    return topn.ndcg(page, pandas.DataFrame({"rating": 1.0}, index=pandas.Index(relevant, name="item")), k=5)


def with_rectools(relevant):
    page = pandas.DataFrame({"user_id": "q", "item_id": PAGE, "rank": range(1, 6)})
    return rectools.metrics.NDCG(k=5).calc(page, pandas.DataFrame({"user_id": "q", "item_id": relevant}))


asked = (["b", "d", "z"], ["b"], ["a"])
found = {
    "ir_measures": tuple(round(float(with_ir_measures(one)), 3) for one in asked),
    "ranx": tuple(round(float(with_ranx(one)), 3) for one in asked),
    "lenskit": tuple(round(float(with_lenskit(one)), 3) for one in asked),
    "rectools": tuple(round(float(with_rectools(one)), 3) for one in asked),
}
for name, values in found.items():
    print(f"{name:11}", *(f"{value:.3f}" for value in values))
sys.exit(found != SEEN)
END
