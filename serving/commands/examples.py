"""A call of each command, which its help shows."""

from typing import Final

EXAMPLES: Final = {
    "serve": "ltrr serve --port 8080",
    "index": "ltrr index catalogue.csv --map id=sku,name=title",
    "publish": "ltrr publish events.jsonl.gz",
    "search": 'ltrr search "red shoes" --size 5',
    "memory": 'ltrr memory "red shoes"',
    "demo": "ltrr demo --queries 3000",
    "worker": "ltrr worker --metrics-port 9100",
    "evaluate": "ltrr evaluate --policy igw --policy uniform --from 2026-01-01T00:00:00Z",
    "judge": "ltrr judge qrels.txt --queries topics.tsv --against other.env",
    "replay": "ltrr replay --from 2026-01-01T00:00:00Z --set half_life_s=604800 --into v2",
    "policy list": "ltrr policy list",
    "policy show": "ltrr policy show --application shop",
    "policy diff": "ltrr policy diff v1 v2",
    "policy prune": "ltrr policy prune --keep 2 --dry-run",
    "policy promote": "ltrr policy promote v2 --mode shadow",
    "policy rollback": "ltrr policy rollback --application shop",
    "policy forget": "ltrr policy forget --half-life 86400 --from 2026-01-01T00:00:00Z",
    "policy delete": "ltrr policy delete v1",
    "ranker train": "ltrr ranker train --from 2026-01-01T00:00:00Z --dry-run",
    "ranker list": "ltrr ranker list",
    "ranker drop": "ltrr ranker drop --application shop",
    "topics create": "ltrr topics create --bootstrap kafka:9092",
    "topics describe": "ltrr topics describe --json",
    "topics secret": "ltrr topics secret",
    "export": "ltrr export actions --from 2026-01-01T00:00:00Z",
    "keys create": "ltrr keys create shop --role search --role events --origin https://shop.example",
    "keys list": "ltrr keys list",
    "keys revoke": "ltrr keys revoke shop",
    "privacy export": "ltrr privacy export ann",
    "privacy delete": "ltrr privacy delete ann",
    "doctor": "ltrr doctor",
}
"""Full name -> call."""
