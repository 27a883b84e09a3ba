"""The documentation says what the code does: nothing is missing from it, and nothing in it is gone."""

import asyncio
import inspect
import re
import shlex
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import httpx
import pytest
import typer
from fastapi.routing import APIRoute

from ltrr.models.evaluation.estimators import HEADLINE, estimators
from ltrr.models.evaluation.estimators.estimate import LEAST_ESS, MOST_UNSEEN, Verdict
from ltrr.models.learning.join import Join, Outcome
from ltrr.models.memory.profiles import FADED, LARGEST
from ltrr.models.policies import policies
from ltrr.models.rewards.context import CONTEXT_NAMES
from ltrr.retrievers import strategies
from ltrr.serving.commands.cli import app
from ltrr.serving.demo.people.listeners import MIX
from ltrr.serving.http.api import MAX_BODY_BYTES, create_app
from ltrr.serving.metrics import Metrics
from ltrr.serving.search.messages import SearchRequest
from ltrr.serving.service.embedded import EmbeddedService
from ltrr.serving.settings import reference
from ltrr.serving.settings.settings import Settings
from ltrr.serving.settings.versioned import SHAPING, VERSIONED
from ltrr.serving.terminal.estimate_metrics import EstimateMetrics
from ltrr.streams.events.codec import MAX_EVENTS, parse_entity
from ltrr.streams.events.refusals import Reason
from ltrr.streams.events.topics import Setting, Topic
from ltrr.streams.publishing.publisher import Publisher

ROOT = Path(__file__).parent.parent
PAGES = {
    str(path.relative_to(ROOT)): path.read_text(encoding="utf-8")
    for path in (*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"))
}
README, EXACTNESS = PAGES["README.md"], PAGES["docs/exactness.md"]
GROUPS = ("ltrr.strategies", "ltrr.policies", "ltrr.estimators", "ltrr.encoders", "ltrr.testing")
DAY_MS = 24 * 60 * 60 * 1000

every_page = pytest.mark.parametrize("page", PAGES)


def section(text: str, title: str) -> str:
    """Return the text under a heading, up to the next of the same or a higher level."""
    level, rest = re.search(rf"^(#+) {re.escape(title)}\n(.*)", text, re.MULTILINE | re.DOTALL).groups()
    return re.split(rf"^#{{1,{len(level)}}} ", rest, maxsplit=1, flags=re.MULTILINE)[0]


def column(text: str, place: int = 0) -> list[str]:
    """Return the code in a column of the first table, row by row."""
    table = re.search(r"(?:^\|.*\n)+", text, re.MULTILINE)[0].splitlines()[2:]
    cells = [re.split(r"(?<!\\)\|", row)[1 + place] for row in table]
    return [code for cell in cells for code in re.findall(r"`([^`]+)`", cell)]


def blocks(text: str, language: str) -> list[str]:
    """Return the fenced blocks of a language."""
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def code(text: str) -> str:
    """Return what stands as code, inline and fenced in a shell block."""
    return "\n".join(
        [*re.findall(r"`([^`\n]+)`", re.sub(r"```.*?```", "", text, flags=re.DOTALL)), *blocks(text, "sh")]
    )


def commands() -> dict[str, typer.core.TyperCommand]:
    """Return the commands by full name."""
    found = {}
    for name, command in typer.main.get_command(app).commands.items():
        for part, nested in getattr(command, "commands", {"": command}).items():
            found[f"ltrr {name} {part}".strip()] = nested
    return found


@pytest.fixture(scope="module")
def service() -> Iterator[EmbeddedService]:
    """Return a service in memory with the catalogue of README.md."""
    settings = Settings(text_deadline_s=5.0, vector_deadline_s=5.0, secret="of the documentation")  # noqa: S106  # ids are the same each time
    service = EmbeddedService(settings, lambda: 1_767_225_600.0, unique=map(str, count()).__next__)
    asyncio.run(service.index.index(parse_entity(line.encode()) for line in readme_catalogue()))
    yield service
    service.close()


def readme_catalogue() -> list[str]:
    """Return the lines of the catalogue that README.md writes."""
    return re.search(r"<<'END'\n(.*?)\nEND\n", README, re.DOTALL)[1].splitlines()


def ask(service: EmbeddedService, path: str, body: str) -> dict:
    """Post a body and return the answer."""

    async def post() -> httpx.Response:
        transport = httpx.ASGITransport(create_app(service, close=False))
        async with httpx.AsyncClient(transport=transport, base_url="http://ltrr") as client:
            return await client.post(path, content=body, headers={"Content-Type": "application/json"})

    response = asyncio.run(post())
    assert response.is_success, response.text
    return response.json()


def test_settings_page_is_fresh():
    """docs/settings.md is what `make docs` writes."""
    assert reference.settings_page() == PAGES["docs/settings.md"], "say `make docs`"


@every_page
def test_settings_exist(page: str):
    """Every LTRR_ variable that a page names is a setting."""
    known = {f"LTRR_{name.upper()}" for name in Settings.model_fields}
    assert set(re.findall(r"LTRR_[A-Z][A-Z_]*", PAGES[page])) <= known


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


@every_page
def test_topics_exist(page: str):
    """Every topic that a page names is one."""
    assert set(re.findall(r"`(ltrr\.[a-z]+)`", PAGES[page])) <= {*Topic, *GROUPS}


def metrics() -> dict[str, tuple[str, set[str]]]:
    """Return the type and labels of each metric."""
    found = {}
    for metric in (*vars(Metrics()).values(), *vars(EstimateMetrics()).values()):
        for family in metric.collect() if hasattr(metric, "collect") and hasattr(metric, "_labelnames") else ():
            name = f"{family.name}_total" if family.type == "counter" else family.name
            found[name] = family.type, set(metric._labelnames)
    return found


def test_metrics_are_listed():
    """watch.md lists the metrics with their types and labels."""
    table = section(PAGES["docs/operating/watch.md"], "Metrics")
    rows = re.findall(r"^\| `(\w+)` \| (\w+) \|([^|]*)\|", table, re.MULTILINE)
    assert {name: (kind, set(re.findall(r"`(\w+)`", labels))) for name, kind, labels in rows} == metrics()


@every_page
def test_metrics_exist(page: str):
    """Every metric that a page names exists."""
    assert set(re.findall(r"\bltrr_[a-z_]+", PAGES[page])) <= set(metrics())


def test_outcomes_are_listed():
    """exactness.md lists what may become of an event."""
    table = section(EXACTNESS, "What the learner guarantees")
    assert set(column(table, 1)) == {*Outcome, "without_weight"}


def endpoints(service: EmbeddedService) -> set[str]:
    """Return the endpoints as documents write them."""
    routes = [route for route in create_app(service, close=False).routes if isinstance(route, APIRoute)]
    return {f"{method} {route.path}" for route in routes for method in route.methods}


def test_endpoints_are_listed(service: EmbeddedService):
    """http.md lists the endpoints."""
    assert set(column(section(PAGES["docs/http.md"], "Endpoints"))) == endpoints(service)


def test_fields_of_a_search_are_listed():
    """http.md lists what a search takes."""
    table = section(PAGES["docs/http.md"], "What a search takes")
    listed = [re.findall(r"`(\w+)`", row.split("|")[1]) for row in re.findall(r"^\| `.*", table, re.MULTILINE)]
    assert sorted(name for names in listed for name in names) == sorted(SearchRequest.model_fields)


@every_page
def test_endpoints_exist(page: str, service: EmbeddedService):
    """Every path that a page names is an endpoint."""
    known = {endpoint.split()[1] for endpoint in endpoints(service)} | {"/docs"}
    named = re.findall(r"(?:^|\s|(?<=http://127.0.0.1:8080))(/[a-z][\w/{}]*)", code(PAGES[page]), re.MULTILINE)
    assert {path for path in named if not path.startswith("/dev")} <= known


def test_commands_are_listed():
    """commands.md lists the commands with their arguments."""
    expected = set()
    for name, command in commands().items():
        arguments = [p.name for p in command.params if p.param_type_name == "argument"]
        expected.add(" ".join([name, *map(str.upper, arguments)]))
    assert set(column(PAGES["docs/commands.md"])) == expected


@every_page
def test_commands_exist(page: str):
    """Every command of ltrr that a page names exists, with the options that are given."""
    known = commands()
    for line in re.findall(
        r"(?:^|[ /])(?:ltrr|run --rm -T serve) (?!COMMAND)([a-z].*)", code(PAGES[page]), re.MULTILINE
    ):
        if line.startswith("serves") or "Dockerfile" in line:
            continue
        words = shlex.split(line, comments=True)
        name = next((n for n in (f"ltrr {' '.join(words[:2])}", f"ltrr {words[0]}") if n in known), None)
        assert name, line
        options = {option for parameter in known[name].params for option in parameter.opts}
        assert {word for word in words if word.startswith("--")} - {"--help"} <= options, line


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
    own = re.search(r"can have its own (.*?)\. Those", replay, re.DOTALL)[1]
    assert sorted(re.findall(r"`(\w+)`", own)) == sorted(VERSIONED)
    always = re.search(r"depends on \((.*?)\)", replay, re.DOTALL)[1]
    assert sorted(re.findall(r"`(\w+)`", always)) == sorted(SHAPING)


def test_refusals_are_listed():
    """events.md lists every reason for which an event is refused or becomes a dead letter."""
    assert sorted(column(section(PAGES["docs/events.md"], "Why an event is refused"))) == sorted(Reason)


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


@every_page
def test_make_targets_exist(page: str):
    """Every `make` command that a page names is a target."""
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"(?:^|`)make ([a-z-]+)", PAGES[page], re.MULTILINE)) <= targets


@every_page
def test_files_exist(page: str):
    """Every file of the repository that a page names is there, but for those that an example adds."""
    text = re.sub(r"^<!-- .* -->$", "", PAGES[page], flags=re.MULTILINE)
    folders = "models|retrievers|streams|serving|bench|deploy|tests|docs"
    named = re.findall(rf"`((?:{folders})/[\w./-]*)`", text)
    assert [name for name in named if "NAME" not in name and not (ROOT / name).exists()] == []


def anchors(text: str) -> set[str]:
    """Return the anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.*)", re.sub(r"```.*?```", "", text, flags=re.DOTALL), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@every_page
def test_links_lead_somewhere(page: str):
    """Every link between pages names a file that is there, and a heading in it."""
    for target in re.findall(r"\]\((?!https?:)([^)\s]+)\)", PAGES[page]):
        path, _, anchor = target.partition("#")
        file = (ROOT / page).parent / path if path else ROOT / page
        assert file.exists(), target
        assert not anchor or anchor in anchors(file.read_text(encoding="utf-8")), target


def test_every_page_is_linked():
    """README.md leads to every page of docs/."""
    assert {page for page in PAGES if page.startswith("docs/")} <= set(re.findall(r"\]\((docs/[\w/-]+\.md)", README))


def test_pages_stay_short():
    """README.md and CONTRIBUTING.md fit their purpose; README.md shows code at once."""
    assert len(README.splitlines()) <= 150
    assert len(PAGES["CONTRIBUTING.md"].splitlines()) < 100
    assert "```sh" in README.splitlines()[:20]


def test_readme_requests_work(service: EmbeddedService):
    """The search and the click of README.md do what it says: policy and memory have learned the click."""
    (search,) = [body for body in re.findall(r"-d '(\{[^']*\})'", README) if "tayler" in body]
    answer = ask(service, "/v1/search", search)
    assert "song-1" in {item["object_id"] for item in answer["items"]}
    before = service.views.policy(None)["revision"]
    click = re.search(r"/v1/events -d '(.*?\}\}\})'", README, re.DOTALL)[1]
    click = click.replace("'$QUERY_ID'", answer["query_id"]).replace("'$(date +%s)'", "1767225600")
    assert ask(service, "/v1/events", click) == {"accepted": 1, "rejected": []}
    assert service.views.policy(None)["revision"] == before + 1
    pairs = service.views.memory("tayler love", None)["pairs"]
    assert {pair["object_id"]: pair["actions"] for pair in pairs}["song-1"] == 0.5
