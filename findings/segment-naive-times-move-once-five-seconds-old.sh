#!/usr/bin/env bash
# segment-analytics-python 2.4.0, rudder-sdk-python 2.1.9 and posthog 7.91.1 (one code, inherited): a `timestamp` without
# a zone is local time while it is less than five seconds old, and UTC from then on. So a click that is sent at once and the
# same click sent again from a queue or a backfill are hours apart outside of UTC: it comes before its search, or falls out
# of the window in which a click counts. Nothing warns. Give a zone with each time.
# Seen (TZ=America/New_York): naive, 1 second old: utc offset of the moment -0.0 h; 10 seconds old: -5.0 h (-4.0 in summer).
# The first two also leave an id that is a `uuid.UUID` out of the properties, with a warning in the log; posthog keeps it.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
  segment-analytics-python==2.4.0 rudder-sdk-python==2.1.9 posthog==7.91.1
TZ=America/New_York "$folder/venv/bin/python" - <<'END'
import importlib
import logging
import sys
import uuid
from datetime import UTC, datetime, timedelta

logging.disable(logging.CRITICAL)
LIBRARIES = {"segment": "segment.analytics.utils", "rudder": "rudderstack.analytics.utils", "posthog": "posthog.utils"}

summer = datetime.now().astimezone().utcoffset() / timedelta(hours=1)  # -5, or -4
moved, kept = {}, {}
for library, module in LIBRARIES.items():
    utils = importlib.import_module(module)
    moved[library] = []
    for age in (1, 10):
        true = datetime.now(UTC) - timedelta(seconds=age)
        naive = true.astimezone().replace(tzinfo=None)
        moved[library].append((utils.guess_timezone(naive) - true) / timedelta(hours=1))
    kept[library] = "product_id" in utils.clean({"product_id": uuid.UUID(int=5)})
    print(library, "moved by hours:", moved[library], "UUID kept:", kept[library])
right = all(hours == [0.0, summer] for hours in moved.values())
sys.exit(not right or kept != {"segment": False, "rudder": False, "posthog": True})
END
