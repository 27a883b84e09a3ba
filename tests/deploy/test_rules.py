"""The rules of Prometheus and the queries of Grafana's panels ask for what processes export."""

import re
import subprocess
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from ltrr.serving.metrics import Metrics
from tests.deploy.prometheus import program
from tests.deploy.promql import RULE_FILES, RULES, Asked, grouped, named, queries, rules
from tests.serving.shop import Shop, hits

ROOT = Path(__file__).parents[2]
UNIT_TESTS = Path(__file__).parent / "rules" / "alerts.yml"
OF_SCRAPING = {"job", "instance", "le"}
ALERTS = {rule["alert"]: rule for rule in rules() if "alert" in rule}
RECORDED = {rule["record"]: rule for rule in rules() if "record" in rule}
ASKED = [*queries(), *(Asked(rule.get("alert") or rule["record"], rule["expr"]) for rule in rules())]


@pytest.fixture(scope="module")
def exported() -> dict[str, set[str]]:
    """Return the metrics that a service and a worker export, each with its labels."""
    with Shop() as shop:
        answer = shop.search()
        shop.click(answer["query_id"], hits(answer)[0])
        texts = [shop.metrics()]
    worker = Metrics()
    worker.consumer_lag.labels("actions", "0").set(0)
    found: dict[str, set[str]] = {"up": set()}
    declared = {
        one.describe()[0].name: set(one._labelnames) for one in vars(worker).values() if hasattr(one, "describe")
    }
    families = [family for text in texts for family in text_string_to_metric_families(text)]
    for family in [*families, *worker.registry.collect()]:
        suffixes = {"histogram": ("_bucket", "_sum", "_count"), "counter": ("_total",)}.get(family.type, ("",))
        for suffix in suffixes:
            found[family.name + suffix] = declared.get(family.name, set())
    return found


def labels_of(name: str, exported: dict[str, set[str]]) -> set[str]:
    """Return the labels of a metric, or of what is recorded: those that its rule keeps."""
    return grouped(RECORDED[name]["expr"]) if name in RECORDED else exported[name]


@pytest.mark.parametrize("asked", ASKED, ids=[asked.where for asked in ASKED])
def test_names_what_is_exported(asked: Asked, exported: dict[str, set[str]]):
    """Each metric is exported or recorded, and has the labels by which it is picked and summed."""
    names = named(asked.filled)
    assert names
    assert names.keys() - exported.keys() - RECORDED.keys() == set()
    for name, picked in names.items():
        assert picked <= labels_of(name, exported) | OF_SCRAPING
    assert grouped(asked.expr) <= set.union(OF_SCRAPING, *(labels_of(name, exported) for name in names))


def test_a_query_is_read():
    """Words, functions, labels, ranges and texts are no metrics."""
    expr = 'sum by (arm) (rate(a_total{b="c_total",d=~"e"}[5m])) / on (arm) group_left (f) 0.5 * (x:y:z > 0) or up'
    assert named(expr) == {"a_total": {"b", "d"}, "x:y:z": set(), "up": set()}
    assert grouped(expr) == {"arm", "f"}


def test_each_alert_is_explained():
    """An alert has a summary, a severity and its line in the table that it points to, and the table has no other."""
    page = (ROOT / "docs" / "operating" / "watch.md").read_text()
    table = page.partition("\n## Alerts\n")[2].partition("\n## ")[0]
    assert re.findall(r"^\| `(Ltrr\w+)` \|", table, re.MULTILINE) == list(ALERTS)
    for rule in ALERTS.values():
        assert rule["labels"]["severity"] in {"critical", "warning", "info"}
        assert rule["annotations"].keys() == {"summary", "runbook"}
        assert rule["annotations"]["runbook"] == "docs/operating/watch.md#alerts"


def test_each_alert_has_unit_tests():
    """Something raises it, and something does not."""
    told = re.findall(r"name: (\w+) is (raised|not raised)", UNIT_TESTS.read_text())
    assert sorted(told) == sorted((name, how) for name in ALERTS for how in ("raised", "not raised"))


@pytest.mark.servers
@pytest.mark.parametrize("arguments", [["check", "rules"], ["test", "rules"]], ids=" ".join)
def test_promtool_accepts(arguments: list[str]):
    """The rules are well formed, and do what their unit tests say."""
    files = [str(RULES / name) for name in RULE_FILES] if arguments[0] == "check" else [str(UNIT_TESTS)]
    done = subprocess.run([program("promtool"), *arguments, *files], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
