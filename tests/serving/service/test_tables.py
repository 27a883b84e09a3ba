"""Every table that grows in a process is counted, bounded and described."""

import math
import re

from ltrr.models.learning.waiting import MOST_EARLY
from tests.docs.pages import PAGES, column, section
from tests.serving.shop import Shop, hits

NUMBER = 200


def test_every_table_is_counted_bounded_and_described():
    """After searches, clicks, foreign pages and made-up ids no table is over its bound; each is a metric and a row."""
    with Shop(memory_queries=20, memory_pairs=5, senders=10, stable_s=60.0, log_retention_mb=1.0) as shop:
        for number in range(22):
            answer = shop.search(f"love {number}", user_id=f"user-{number}", session_id=f"session-{number}")
            shop.click(answer["query_id"], hits(answer)[0])
            shop.clock.now_s += 130
        events = [shop.action(f"made-up-{number}", "song-1", f"name {number % 30}") for number in range(NUMBER)]
        events += [shop.action(f"made-up-{number}", "song-1") for number in range(NUMBER)]
        assert shop.post("/v1/events", events).status_code == 202
        tables = {table.name: table for table in shop.service.tables()}
        assert column(section(PAGES["docs/operating/limits.md"], "What grows")) == list(tables)
        shown = shop.metrics()
        for name, table in tables.items():
            assert 0 <= table.entries <= table.most, name
            assert f'ltrr_table_entries{{table="{name}"}}' in shown
            assert (f'ltrr_table_bound{{table="{name}"}}' in shown) == math.isfinite(table.most)
        profiles = ("user_profiles", "session_profiles")
        assert [tables[kind].most for kind in profiles] == [10, 10]
        reached = {name for name, table in tables.items() if table.entries > 0}
        assert reached >= {
            "kept_answers",
            "kept_draws",
            "shown_pages",
            "open_pages",
            "kept_pages",
            "senders",
            *profiles,
        }
        assert tables["waiting_actions"].entries == NUMBER < MOST_EARLY
        assert tables["untaught_names"].entries == tables["untaught_names"].most == 20
        assert re.search(r"2,000 for each minute", PAGES["docs/operating/limits.md"])
