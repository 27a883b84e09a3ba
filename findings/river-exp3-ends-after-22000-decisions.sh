#!/usr/bin/env bash
# river 0.26.1: `bandit.Exp3` multiplies the weight of the arm that was rewarded and never normalises the weights, so the
# best arm's grows until it is no number: with gamma .1, two arms and 60 against 30 clicks of a hundred it is 5e13 after
# 1,000 decisions, 6e274 after 20,000, and after 22,375 `pull` raises "Total of weights must be finite" for good. A
# better arm, or a larger gamma, ends it sooner. It is a policy for a day of a small site, not for a stream.
# Seen: 1,001 decisions 5.4e+13, 20,001 decisions 6.2e+274, decision 22376: ValueError: Total of weights must be finite.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check river==0.26.1
"$folder/venv/bin/python" - <<'END'
import random
import sys

from river import bandit

CLICKS = {"good": 0.6, "fair": 0.3}

draw = random.Random(1)
policy = bandit.Exp3(gamma=0.1, seed=1)
weights, ended = {}, None
for decision in range(1, 30_001):
    try:
        arm = policy.pull(list(CLICKS))
    except ValueError as error:
        ended = decision, str(error)
        break
    policy.update(arm, float(draw.random() < CLICKS[arm]))
    weights[decision] = max(policy._weights.values())
print(f"1,001 decisions {weights[1001]:.1e}, 20,001 decisions {weights[20_001]:.1e}, ended at {ended}")
sys.exit(not (ended and 20_000 < ended[0] < 25_000 and ended[1] == "Total of weights must be finite"))
END
