#!/usr/bin/env bash
# river 0.26.1: `linear_model.BayesianLinearRegression(smoothing=...)` multiplies the precision of every feature at every
# event, the prior's with it, also of features that the event has not. One that stays away (an arm that was taken out, a
# listener who left) loses all precision, so the standard deviation of whoever has it grows by half of 1 / smoothing an
# event; and when the number underflows, every prediction of the model is NaN, also of what was seen an event ago, and
# stays so. Nothing is raised. With .99 it takes some 75,000 events, an hour of a small stream. Decay towards the prior, or
# only what an event has.
# Seen (targets 0 to 1): after 2,000 events away sigma 2.3e+04, after 70,000 5.9e+152; what is seen at each event has .48,
# sigma 1.41, until after 80,000 it is nan, too.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check river==0.26.1
"$folder/venv/bin/python" -W ignore - <<'END'
import math
import random
import sys

from river import linear_model

draw = random.Random(1)
model = linear_model.BayesianLinearRegression(smoothing=0.99)
for _ in range(100):
    model.learn_one({"bias": 1.0, "gone": 1.0}, 1.0)
seen = {}
for event in range(1, 80_001):
    model.learn_one({"bias": 1.0, "here": draw.random()}, draw.random())
    if event in (2_000, 70_000, 80_000):
        gone = model.predict_one({"bias": 1.0, "gone": 1.0}, with_dist=True)
        here = model.predict_one({"bias": 1.0, "here": 0.5}, with_dist=True)
        seen[event] = gone, here
        print(f"after {event:,}: gone sigma {gone.sigma:.1e}; here {here.mu:.2f}, sigma {here.sigma:.2f}")
fine = all(0 < seen[event][1].mu < 1 and seen[event][1].sigma < 2 for event in (2_000, 70_000))
grows = 1e4 < seen[2_000][0].sigma < 1e5 and seen[70_000][0].sigma > 1e150
sys.exit(not (fine and grows and math.isnan(seen[80_000][1].mu)))
END
