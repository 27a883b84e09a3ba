"""Tables and numbers of the documentation are those of the code."""

import inspect
import re

from ltrr.models.evaluation.estimators import HEADLINE, estimators
from ltrr.models.evaluation.estimators.estimate import LEAST_ESS, MOST_UNSEEN, Verdict
from ltrr.models.learning.join import Join, Outcome
from ltrr.models.memory.profiles import FADED, LARGEST
from ltrr.models.policies import policies
from ltrr.models.rewards.context import CONTEXT_NAMES
from ltrr.retrievers import strategies
from ltrr.serving.commands.bench import benches
from ltrr.serving.demo.people.listeners import MIX
from ltrr.serving.http.api import MAX_BODY_BYTES, create_app
from ltrr.serving.http.guard import guard_of
from ltrr.serving.http.refusals import MEANINGS
from ltrr.serving.search.messages import SearchRequest
from ltrr.serving.service.embedded import EmbeddedService
from ltrr.serving.settings import reference
from ltrr.serving.settings.settings import Settings
from ltrr.serving.settings.versioned import SHAPING, VERSIONED
from ltrr.streams.events.codec import MAX_EVENTS
from ltrr.streams.events.topics import Setting, Topic
from ltrr.streams.publishing.publisher import Publisher
from tests.docs.pages import BENCH, PAGES, README, ROOT, blocks, column, commands, endpoints, metrics, section

EXACTNESS = PAGES["docs/exactness.md"]
DAY_MS = 24 * 60 * 60 * 1000


def test_settings_page_is_fresh():
    """docs/settings.md is what `make docs` writes."""
    assert reference.settings_page() == PAGES["docs/settings.md"], "say `make docs`"


def test_strategies_are_listed():
    """README.md lists the strategies with the number of their calls."""
    table = section(README, "Strategies")
    assert column(table) == [strategy.name for strategy in strategies.discover()]
    calls = [int(row.rsplit("|", 2)[1]) for row in re.findall(r"^\| `.*\|$", table, re.MULTILINE)]
    assert calls == [len(strategy.calls) for strategy in strategies.discover()]


def test_policies_are_listed():
    """README.md lists the policies, the default one marked, and policies.md explains each."""
    table = section(README, "Policies")
    assert sorted(column(table)) == sorted(policies())
    assert f"| `{Settings.model_fields['policy'].default}` | default" in table
    explained = section(PAGES["docs/learning/policies.md"], "Policies and exact probabilities")
    assert sorted(re.findall(r"^- `(\w+)`", explained, re.MULTILINE)) == sorted(policies())


def test_estimators_are_listed():
    """evaluation.md lists the estimators, the headline first, and the verdicts with the numbers of the rule."""
    page = PAGES["docs/evaluation.md"]
    listed = column(section(page, "The estimators"))
    assert listed[0] == HEADLINE
    assert sorted(listed) == sorted(estimators())
    table = section(page, "When to trust an answer")
    assert column(table) == [Verdict.BETTER, Verdict.WORSE, Verdict.SAME, Verdict.NONE]
    assert f"fewer than {LEAST_ESS:.0f} effective decisions" in table
    assert f"more than {MOST_UNSEEN:.1%} of an arm's asked probability" in table


def test_topics_are_listed():
    """exactness.md lists the topics with their keys, partitions and how long they are kept."""
    table = section(EXACTNESS, "Topics")
    assert column(table) == list(Topic)
    for topic, row in zip(Topic, re.findall(r"^\| `.*", table, re.MULTILINE), strict=True):
        days = int(topic.kind.settings.get("retention.ms", Setting("0")).value) // DAY_MS
        key = "state key" if topic.kind.key.startswith("version/application/partition/") else topic.kind.key
        partitions = "shared" if topic.kind.shared else "1"
        kept = "compacted" if topic.kind.compacted else f"{days} days"
        assert [cell.strip() for cell in row.split("|")[2:5]] == [key, partitions, kept], topic


def test_metrics_are_listed():
    """watch.md lists the metrics with their types and labels."""
    table = section(PAGES["docs/operating/watch.md"], "Metrics")
    rows = re.findall(r"^\| `(\w+)` \| (\w+) \|([^|]*)\|", table, re.MULTILINE)
    assert {name: (kind, set(re.findall(r"`(\w+)`", labels))) for name, kind, labels in rows} == metrics()


def test_outcomes_are_listed():
    """exactness.md lists what may become of an event."""
    table = section(EXACTNESS, "What the learner guarantees")
    assert set(column(table, 1)) == {*Outcome, "without_weight"}


def test_acts_are_listed():
    """access.md lists what operators do that is noted."""
    sources = [path.read_text() for path in (ROOT / "serving").rglob("*.py")]
    acts = {act for text in sources for act in re.findall(r'(?:by_command|_noted)\(\w+[.\w]*, "([a-z ]+)"', text)}
    assert set(column(section(PAGES["docs/operating/access.md"], "What operators did"))) == acts


def test_refusals_are_listed():
    """http.md lists the statuses with which requests are refused."""
    table = section(PAGES["docs/http.md"], "What the answers mean")
    rows = re.findall(r"^\| ([\d, ]+) \|", table, re.MULTILINE)
    assert {int(status) for row in rows for status in row.split(",")} == {*MEANINGS, 405}


def test_endpoints_are_listed(service: EmbeddedService):
    """http.md lists the endpoints."""
    assert set(column(section(PAGES["docs/http.md"], "Endpoints"))) == endpoints(service)


def test_roles_are_listed(service: EmbeddedService):
    """access.md lists beside each role what it opens."""
    rows = dict(
        re.findall(r"^\| `(\w+)` \| (.*) \|$", section(PAGES["docs/operating/access.md"], "Keys"), re.MULTILINE)
    )
    paths = create_app(service, close=False, guard=guard_of(service.settings)).openapi()["paths"]
    needed = [
        (path, one["security"][0]["HTTPBearer"][0])
        for path, of in paths.items()
        for one in of.values()
        if "security" in one
    ]
    assert {role for _, role in needed} == rows.keys()
    assert [path for path, role in needed if path not in rows[role] and "/dashboard/" not in path] == []


def test_fields_of_a_search_are_listed():
    """http.md lists what a search takes."""
    table = section(PAGES["docs/http.md"], "What a search takes")
    listed = [re.findall(r"`(\w+)`", row.split("|")[1]) for row in re.findall(r"^\| `.*", table, re.MULTILINE)]
    assert sorted(name for names in listed for name in names) == sorted(SearchRequest.model_fields)


def test_commands_are_listed():
    """commands.md lists the commands with their arguments."""
    expected = {BENCH}  # benches.md has the others
    for name, command in commands().items():
        if name.startswith("ltrr bench "):
            continue
        arguments = [p.name for p in command.params if p.param_type_name == "argument"]
        expected.add(" ".join([name, *map(str.upper, arguments)]))
    assert set(column(PAGES["docs/commands.md"])) == expected


def test_options_on_kafka_are_listed():
    """run-on-servers.md lists the options of the commands that are for Kafka, each with its commands."""
    listed = set()
    for row in re.findall(r"^\| `--.*", PAGES["docs/operating/run-on-servers.md"], re.MULTILINE):
        option, of = row.split("|")[1:3]
        listed |= {(name, option.strip(" `")) for name in re.findall(r"`([^`]+)`", of)}
    known = commands()
    names = ("ltrr topics create", "ltrr topics describe", "ltrr worker")
    assert listed == {(name, p.opts[0]) for name in names for p in known[name].params if p.opts[0] != "--help"}


def test_options_of_a_replay_are_listed():
    """replay-and-export.md lists the options of the replay, and the settings that a version can have of its own."""
    replay = section(PAGES["docs/operating/replay-and-export.md"], "Replay")
    listed = column(replay)
    assert sorted(listed) == sorted(p.opts[0] for p in commands()["ltrr replay"].params if p.opts[0] != "--help")
    own = re.search(r"can have its own\s(.*?)\.\s+Those", replay, re.DOTALL)[1]
    assert sorted(re.findall(r"`(\w+)`", own)) == sorted(VERSIONED)
    always = re.search(r"depends\s+on\s+\((.*?)\)", replay, re.DOTALL)[1]
    assert sorted(re.findall(r"`(\w+)`", always)) == sorted(SHAPING)


def test_benches_are_listed():
    """benches.md lists the benches."""
    assert sorted(column(PAGES["docs/benches.md"])) == sorted(benches())


def test_shelves_are_drawn():
    """architecture.md draws every shelf of every folder, and none that is gone."""
    drawing = blocks(section(PAGES["docs/architecture.md"], "Folders"), "")[0]
    rows = re.findall(r"^(\w+)/.*\n((?:  .*\n)*)", drawing, re.MULTILINE)
    drawn = {folder: set(re.findall(r"(\w+)/ ", shelves)) for folder, shelves in rows}
    for folder in ("models", "retrievers", "streams", "serving", "bench"):
        assert drawn[folder] == {shelf.parent.name for shelf in (ROOT / folder).glob("*/__init__.py")}, folder


def test_options_of_the_demo_are_listed():
    """demo.md lists the options."""
    listed = [option.split()[0] for option in column(PAGES["docs/demo.md"])]
    assert sorted(listed) == sorted(p.opts[0] for p in commands()["ltrr demo"].params if p.opts[0] != "--help")


def test_intents_of_the_demo_are_listed():
    """demo.md lists the kinds of intents with their shares."""
    table = section(PAGES["docs/demo.md"], "The listeners")
    assert sorted(column(table)) == sorted(MIX)
    for row in re.findall(r"^\| `.*", table, re.MULTILINE):
        cells = row.split("|")
        share = sum(MIX[kind] for kind in re.findall(r"`(\w+)`", cells[1]))
        assert cells[2].strip() == f"{100 * share:.0f}%"


def test_numbers_are_those_of_the_code():
    """Limits and sizes that pages name are the enforced ones."""
    assert MAX_BODY_BYTES == 1024 * 1024
    assert f"| events in a list | {MAX_EVENTS:,} |" in PAGES["docs/operating/limits.md"]
    assert f"\n{len(CONTEXT_NAMES)} numbers" in PAGES["docs/learning/policies.md"]
    assert f"| entities of a profile, in each partition | {LARGEST} |" in PAGES["docs/operating/limits.md"]
    assert f"keeps the {LARGEST} entities" in PAGES["docs/learning/memory.md"]
    assert f"forgotten {FADED} half-lives" in PAGES["docs/learning/memory.md"]
    spool_bytes = inspect.signature(Publisher).parameters["max_spool_bytes"].default
    assert f"| spool of a query worker | {spool_bytes >> 30} GiB |" in PAGES["docs/operating/limits.md"]
    assert Join(window_s=1, late_s=0).reach_s == 2, "run-on-servers.md: twice LTRR_JOIN_WINDOW_S"
    assert Join(window_s=0, late_s=1).reach_s == 8, "run-on-servers.md: eight times LTRR_LATE_S"
