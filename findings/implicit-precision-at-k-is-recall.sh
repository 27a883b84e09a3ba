#!/usr/bin/env bash
# implicit 0.7.3: `implicit.evaluation.precision_at_k` and `ranking_metrics_at_k` divide the hits not by K but by the smaller of
# K and what the user likes. Who has one item held out (leave-one-out, a click log) gets a "precision@10" of 1.0 for it at rank
# ten of ten, where precision@10 is .1: it is the recall, and ten times what pytrec_eval calls P_10 for the same lists. Users
# with many held-out items are divided by K, so the mean weighs people by how much they listen to.
# Seen: one of one liked at rank 10: precision 1.0 (P_10 .1); two of two at ranks 1 and 2: 1.0 (.2); ten of twelve: 1.0 (1.0).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check implicit==0.7.3 pytrec_eval-terrier==0.5.11
"$folder/venv/bin/python" -W ignore - <<'END'
import sys

import numpy as np
import pytrec_eval
from implicit.evaluation import precision_at_k
from scipy.sparse import csr_matrix

ITEMS, K = 20, 10


class Ranked:
    """Recommends items 0 to 9, in this order."""

    def recommend(self, userid, user_items, N=K, **_):
        ids = np.tile(np.arange(N, dtype=np.int32), (len(userid), 1))
        return ids, np.ones(ids.shape, dtype=np.float32)


seen = {}
for liked in ([9], [0, 1], list(range(12))):
    held = csr_matrix((np.ones(len(liked)), ([0] * len(liked), liked)), shape=(1, ITEMS))
    ours = precision_at_k(Ranked(), csr_matrix((1, ITEMS)), held, K=K, show_progress=False)
    judged = pytrec_eval.RelevanceEvaluator({"q": {str(item): 1 for item in liked}}, {"P.10"})
    peer = judged.evaluate({"q": {str(item): 100.0 - item for item in range(K)}})["q"]["P_10"]
    seen[len(liked)] = round(float(ours), 6), round(peer, 6)
    print(f"{len(liked)} liked: precision {ours}, P_10 {peer}")
sys.exit(seen != {1: (1.0, 0.1), 2: (1.0, 0.2), 12: (1.0, 1.0)})
END
