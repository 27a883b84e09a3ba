"""The command line: what it prints where, and how it ends, with a running server and without one."""

import gzip
import io
import json
import re
import signal
import socket
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import numpy as np
import pytest

from ltrr.serving.commands.cli import main
from ltrr.serving.http.server import address, bind
from ltrr.streams.events.codec import encode_entity, encode_impression
from tests.models.logs import impression
from tests.serving.servers import serving
from tests.serving.shop import Shop, catalogue

pytestmark = pytest.mark.whole


class Ended(NamedTuple):
    """How a command ended."""

    code: int
    out: str
    err: str

    def json(self) -> Any:  # noqa: ANN401  # JSON
        """Return the one document on standard output."""
        assert self.out.count("\n") == 1
        return json.loads(self.out)


Ltrr = Callable[..., Ended]


@pytest.fixture
def ltrr(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Path) -> Ltrr:
    """Return the command, run in this process over a folder of the test."""
    monkeypatch.setenv("LTRR_DATA_DIR", str(tmp_path / "data"))
    for engine in ("TEXT", "VECTOR"):
        monkeypatch.setenv(f"LTRR_{engine}_DEADLINE_S", "10")

    def run(*arguments: str, stdin: bytes = b"") -> Ended:
        monkeypatch.setattr(sys, "argv", ["ltrr", *arguments])
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        with pytest.raises(SystemExit) as ended:
            main()
        code = ended.value.code
        assert code is None or isinstance(code, int)
        return Ended(code or 0, *capfd.readouterr())

    return run


@pytest.fixture
def entities(tmp_path: Path) -> str:
    """Return a file of entities."""
    file = tmp_path / "catalogue.jsonl"
    file.write_bytes(b"\n".join(encode_entity(replace(entity, version=1)) for entity in catalogue(10)))
    return str(file)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    """Yield the folder and URL of a running server."""
    folder = tmp_path_factory.mktemp("served")
    with Shop(folder):
        pass  # loads the catalogue
    with serving(folder) as (_, url):
        yield folder, url


def event(query_id: str, object_id: str = "song-1", **more: object) -> bytes:
    """Return a click as a line of a file."""
    attributes = {"object": {"object_id": object_id}}
    sent = {"action_name": "click", "query_id": query_id, "timestamp": time.time(), "event_attributes": attributes}
    return json.dumps(sent | more).encode()


def query(query_id: str, **more: object) -> bytes:
    """Return a query of another search as a line of a file."""
    shown = ["song-1", "song-2"]
    sent = {"query_id": query_id, "user_query": "red sky", "timestamp": time.time(), "query_response_hit_ids": shown}
    return json.dumps(sent | more).encode()


def test_a_search_where_nothing_is_indexed(ltrr: Ltrr):
    """It says so, with the command to run, in its JSON too."""
    [said] = ltrr("search", "red lamp", "--json").json()["hints"]
    assert f"nothing was found\n{said}" in re.sub(" +\n", "\n", ltrr("search", "red lamp").out)


def test_from_a_catalogue_to_memory_without_a_server(ltrr: Ltrr, entities: str):
    """Load, search, click and look, each command by itself over the folder, each one JSON document."""
    assert ltrr("index", entities, "--json").json() == {
        "read": 10,
        "taken": 10,
        "bad": 0,
        "repeated": 0,
        "removed": 0,
        "unlisted": 0,
        "refused": [],
    }
    older = encode_entity(replace(catalogue()[0], version=0))
    others = "; 9 others are left that it does not have (--replace removes such)"
    assert ltrr("index", "-", stdin=older).out == f"0 of 1 entities were new or changed; 0 could not be read{others}\n"
    found = ltrr("search", "love", "--size", "3", "--json").json()
    taken = found["items"][0]["object_id"]
    sent = ltrr("publish", "-", "--json", stdin=event(found["query_id"], taken))
    assert (sent.code, counted(sent)) == (0, {"read": 1, "accepted": 1, "bad": 0, "unplanned": 0, "taught": 1})
    assert ltrr("memory", "love", "--json").json()["pairs"][0]["object_id"] == taken
    assert ltrr("policy", "show", "--json").json()["revision"] == 2
    assert ltrr("search", "love", "--no-learn", "--json").json()["items"]
    shown = ltrr("policy", "show", "--json").json()
    assert (shown["revision"], shown["decisions"]) == (3, 1)


def test_commands_find_the_server(ltrr: Ltrr, server: tuple[Path, str], monkeypatch: pytest.MonkeyPatch):
    """On a folder that a server holds, and with LTRR_URL, commands talk to it; what needs the folder says so."""
    folder, url = server
    monkeypatch.setenv("LTRR_DATA_DIR", str(folder))
    before = ltrr("policy", "show", "--json").json()["revision"]
    ltrr("search", "love", "--json").json()
    monkeypatch.setenv("LTRR_URL", url)
    monkeypatch.setenv("LTRR_DATA_DIR", str(folder / "elsewhere"))
    assert ltrr("policy", "show", "--json").json()["revision"] == before + 1
    monkeypatch.delenv("LTRR_URL")
    monkeypatch.setenv("LTRR_DATA_DIR", str(folder))
    assert ltrr("index", "-", stdin=encode_entity(catalogue()[0])).out.startswith("0 of 1 entities")
    changed = replace(catalogue()[0], popularity=7.0)
    assert ltrr("index", "-", stdin=encode_entity(changed)).out.startswith("1 of 1 entities")
    ended = ltrr("serve", "--port", "0")
    assert (ended.code, ended.err.count("\n")) == (1, 1)
    assert "is in use by another process" in ended.err


def counted(ended: Ended) -> dict[str, int]:
    """Return the counts of a report of `publish`."""
    return {name: ended.json()[name] for name in ("read", "accepted", "bad", "unplanned", "taught")}


def test_a_file_of_events_goes_in_order(ltrr: Ltrr, server: tuple[Path, str], monkeypatch: pytest.MonkeyPatch):
    """Queries come before the clicks that follow them; bad lines are named by number and cost themselves alone."""
    monkeypatch.setenv("LTRR_URL", server[1])
    lines = [query("p1"), event("p1"), b"", query("p2"), event("p2", "song-2"), b"{bad", b"7", b"[]", b"\xff"]
    lines += [event("p1", message="x" * 300_000), event("p1", number=1)[:-2] + b"NaN}", query("p3", application="?")]
    lines += [query(""), b" " * 300_000 + b"{}", event("p2", "song-1"), event("p1") + b"," + event("p1")]
    ended = ltrr("publish", "-", "--json", stdin=b"\n".join(lines))
    assert ended.code == 1
    assert counted(ended) == {"read": 14, "accepted": 5, "bad": 9, "unplanned": 3, "taught": 5}
    refused = Counter[str]()
    for one in ended.json()["refused"]:
        refused[one["reason"]] += one["count"]
    assert refused == {
        "not_json": 4, "not_an_event": 1, "too_large": 2, "unknown_application": 1, "missing_query_id": 1
    }  # fmt: skip
    assert "2 lines, the first 10: too_large: " in ended.err
    assert "line 13: missing_query_id: " in ended.err
    pairs = {pair["object_id"]: pair for pair in ltrr("memory", "red sky", "--json").json()["pairs"]}
    assert pairs["song-1"]["actions"] == pytest.approx(1.0, abs=1e-3)
    assert pairs["song-2"]["actions"] == pytest.approx(0.5, abs=1e-3)


def test_many_events_go_in_batches(ltrr: Ltrr, server: tuple[Path, str], monkeypatch: pytest.MonkeyPatch):
    """A file of more events, and more bytes, than one request may hold is sent whole."""
    monkeypatch.setenv("LTRR_URL", server[1])
    lines = [event(f"many-{number}", message="x" * 1000) for number in range(1200)]
    ended = ltrr("publish", "-", "--json", stdin=b"\n".join(lines))
    assert (ended.code, counted(ended)) == (
        0, {"read": 1200, "accepted": 1200, "bad": 0, "unplanned": 0, "taught": 0}
    )  # fmt: skip
    assert ended.json()["not_taught"] == {"dangling": 1200}
    assert len(ended.json()["hints"]) == 1


def test_documents_of_opensearch_are_published(ltrr: Ltrr, entities: str):
    """Stored queries and events are taken with and without their wrapper; the answer says that they have no plan."""
    ltrr("index", entities)
    stored = [
        json.dumps({"_index": "ubi_queries", "_id": "1", "_source": json.loads(query("os-1"))}),
        json.dumps({"_index": "ubi_events", "_id": "2", "_source": json.loads(event("os-1", "song-2"))}),
        event("os-1", "song-1").decode(),
        json.dumps({"_index": "ubi_queries", "_source": {"user_query": "no id", "timestamp": 1}}),
    ]
    ended = ltrr("publish", "-", stdin="\n".join(stored).encode())
    assert ended.code == 1
    assert ended.out.startswith("3 of 4 events accepted; 1 were bad; 1 queries have no plan of ltrr")
    assert "\n3 pages and actions taught something\n" in ended.out
    assert ended.err.startswith("line 4: bad_timestamp")
    pairs = ltrr("memory", "red sky", "--json").json()["pairs"]
    assert {pair["object_id"] for pair in pairs if pair["actions"] > 0} == {"song-1", "song-2"}


@pytest.mark.parametrize("form", ["mark", "utf-16", "array", "pretty", "hits", "bulk", "gzip", "arrays"])
def test_files_of_events_have_many_forms(ltrr: Ltrr, entities: str, form: str):
    """Byte-order marks, arrays, exports and `_bulk` files: an array of thousands is one line."""
    ltrr("index", entities)
    queries: list[dict[str, Any]] = [json.loads(query(f"{form}-{number}")) for number in range(1000)]
    clicks: list[dict[str, Any]] = [json.loads(event(one["query_id"], "song-2")) for one in queries]
    sent = queries + clicks
    lines = "\n".join(map(json.dumps, sent))
    hits = {
        "took": 1,
        "hits": {"hits": [{"_index": "ubi", "_id": str(n), "_source": one} for n, one in enumerate(sent)]},
    }
    files = {
        "mark": b"\xef\xbb\xbf" + lines.encode(),
        "utf-16": lines.encode("utf-16"),
        "array": json.dumps(sent).encode(),
        "pretty": json.dumps(sent, indent=2).encode(),
        "hits": json.dumps(hits).encode(),
        "bulk": "".join(f'{{"index": {{"_id": "{n}"}}}}\n{json.dumps(one)}\n' for n, one in enumerate(sent)).encode(),
        "gzip": gzip.compress(lines.encode()),
        "arrays": "\n".join(json.dumps([one]) for one in sent).encode(),
    }
    ended = ltrr("publish", "-", "--json", stdin=files[form])
    assert (ended.code, ended.err) == (0, "")
    assert counted(ended) == {"read": 2000, "accepted": 2000, "bad": 0, "unplanned": 1000, "taught": 2000}


def test_what_is_bad_is_summed_up(ltrr: Ltrr, entities: str):
    """One line for each kind, with the first example; what was taken and teaches nothing is told, too."""
    ltrr("index", entities)
    lines = [query("s"), *[event(f"s-{n}").replace(b'"timestamp":', b'"at":') for n in range(3000)], event("s")]
    lines += [event("s").replace(b"click", b"hover")] * 3
    ended = ltrr("publish", "-", stdin=b"\n".join(lines))
    assert ended.code == 1
    assert (
        ended.err
        == "3,000 lines, the first 2: bad_timestamp: timestamp: it is missing; docs/events.md says what to send\n"
    )
    assert ended.out.splitlines()[1] == "2 pages and actions taught something; others: 3 without_weight"
    assert "'hover' teaches nothing" in ended.out


def test_plans_are_kept_where_they_are_trusted(ltrr: Ltrr, entities: str, monkeypatch: pytest.MonkeyPatch):
    """Impressions of ltrr teach the policy with --trusted, and the memory alone without; a server is not asked."""
    monkeypatch.setenv("LTRR_LADDER", "[0, 2, 4]")  # that of the pages
    rng = np.random.default_rng(1)
    ltrr("index", entities)
    pages = [replace(impression(rng, f"page-{n}", time.time()), application="default") for n in range(3)]
    lines = b"\n".join(map(encode_impression, pages))
    assert ltrr("publish", "-", "--json", stdin=lines).json()["unplanned"] == 3
    assert ltrr("policy", "show", "--json").json()["decisions"] == 0
    again = [replace(page, query_id=f"again {page.query_id}") for page in pages]
    kept = ltrr("publish", "-", "--trusted", "--json", stdin=b"\n".join(map(encode_impression, again)))
    assert counted(kept) == {"read": 3, "accepted": 3, "bad": 0, "unplanned": 0, "taught": 3}
    assert ltrr("policy", "show", "--json").json()["decisions"] == 3
    monkeypatch.setenv("LTRR_URL", "http://127.0.0.1:9")
    assert "not through LTRR_URL" in ltrr("publish", "-", "--trusted", stdin=b"").err
    monkeypatch.delenv("LTRR_URL")
    foreign = encode_impression(replace(pages[0], query_id="other", application="elsewhere"))
    assert "unknown_application" in ltrr("publish", "-", "--trusted", stdin=foreign).err


def test_bad_lines_of_a_catalogue(ltrr: Ltrr):
    """Bad entities are named by line on standard error, the others are loaded, and the command fails."""
    good = encode_entity(catalogue(1)[0])
    lines = [b"{", b"", b'{"object_id": "x"}', good, b"[1]", b"x" * 300_000, b'{"schema_version": 2}']
    ended = ltrr("index", "-", "--json", stdin=b"\n".join(lines))
    report = ended.json()
    assert (ended.code, report["read"], report["taken"], report["bad"]) == (1, 6, 1, 5)
    assert [line.split(": ")[:2] for line in ended.err.splitlines()] == [
        *(["line 1", "not_json"], ["line 3 (x)", "bad_field"], ["line 5", "not_an_event"], ["line 6", "too_large"]),
        ["line 7", "unknown_schema_version"],
    ]


@pytest.mark.parametrize(
    ("arguments", "environment", "code", "message"),
    [
        (("search",), {}, 2, "Missing argument 'query'; see ltrr search --help"),
        (("search", "x", "--sizzle"), {}, 2, "No such option: --sizzle"),
        (("search", "x", "--size", "1000"), {}, 2, "Invalid value for '--size'"),
        (("search", "x", "y"), {}, 2, "unexpected extra argument"),
        (("search", "x", "--application", "nope"), {}, 2, "add it to LTRR_APPLICATIONS"),
        (("search", "\udcff"), {}, 2, "what was given is not UTF-8 text"),
        (("search", "x" * 20_001), {}, 2, "query: String should have at most 20000 characters"),
        (("nonsense",), {}, 2, "No such command 'nonsense'"),
        (("policy", "nonsense"), {}, 2, "No such command 'nonsense'"),
        (("index", "nowhere.jsonl"), {}, 2, "cannot read nowhere.jsonl: No such file or directory"),
        (("publish", "nowhere.jsonl"), {}, 2, "cannot read nowhere.jsonl: No such file or directory"),
        (("serve", "--port", "99999"), {}, 2, "LTRR_PORT: it may be at most 65535"),
        (("serve", "--host", "192.0.2.1"), {"LTRR_OPEN": "true"}, 2, "cannot listen on 192.0.2.1:8080"),
        (("serve", "--host", "192.0.2.1"), {}, 2, "make keys with `ltrr keys create`"),
        (("search", "x"), {"LTRR_PROT": "1"}, 2, "did you mean LTRR_PORT?"),
        (("search", "x"), {"LTRR_LADDER": "0,5"}, 2, "LTRR_LADDER: is no JSON"),
        (("search", "x"), {"LTRR_ARMS": '["nope"]'}, 2, "LTRR_ARMS names nope; there are: "),
        (("search", "x"), {"LTRR_POLICY": "static", "LTRR_BASELINE": '{"nope": 5}'}, 2, "nope"),
        (("search", "x"), {"LTRR_URL": "http://127.0.0.1:9"}, 1, "is `ltrr serve` running there?"),
        (("search", "x"), {"LTRR_DATA_DIR": "/proc/nowhere"}, 1, "cannot open the log in /proc/nowhere/log"),
        (("policy", "list"), {}, 2, "set LTRR_KAFKA to its host:port; embedded there is one, see `ltrr policy show`"),
        (("policy", "diff", "v1", "v2"), {}, 2, "host:port; embedded there is one"),
        (("policy", "prune"), {}, 2, "host:port; embedded there is one"),
        (("policy", "promote", "v2"), {}, 2, "host:port; embedded, who decides is said at a start: `LTRR_MODE=static"),
        (("policy", "rollback"), {}, 2, "host:port; embedded, who decides is said at a start: `LTRR_MODE=static"),
        (("policy", "list"), {"LTRR_KAFKA": "127.0.0.1:9"}, 1, "nothing answers at 127.0.0.1:9"),
        (("export", "actions"), {}, 2, "there is no log in"),
        (
            ("export", "feedback"),
            {},
            2,
            "'feedback' cannot be exported as JSON; can be: actions, deadletter, impressions",
        ),
        (
            ("export", "policy"),
            {"LTRR_KAFKA": "127.0.0.1:9"},
            2,
            "'policy' cannot be exported as JSON; can be: actions",
        ),
        (("replay",), {}, 2, "there are versions on Kafka only: add --dry-run"),
        (("replay", "--dry-run"), {}, 2, "there is no log in"),
        (("replay", "--into", "a/b"), {"LTRR_KAFKA": "127.0.0.1:9"}, 2, "'a/b' cannot be a version's name"),
        (("replay", "--set", "port=1"), {"LTRR_KAFKA": "127.0.0.1:9"}, 2, "a version's settings are action_aliases"),
        (("replay", "--set", "late_s"), {"LTRR_KAFKA": "127.0.0.1:9"}, 2, "--set 'late_s': write NAME=VALUE"),
        (("replay", "--set", "late_s=-1"), {"LTRR_KAFKA": "127.0.0.1:9"}, 2, "late_s at least 0"),
        (("replay", "--policy", "oracle"), {"LTRR_KAFKA": "127.0.0.1:9"}, 2, "no policy is called 'oracle'"),
        (("search", "x"), {"LTRR_DATA_DIR": "/dev/null"}, 1, "cannot open the log in /dev/null/log"),
    ],
)
def test_mistakes_are_one_line(
    ltrr: Ltrr,
    monkeypatch: pytest.MonkeyPatch,
    arguments: tuple[str, ...],
    environment: dict[str, str],
    code: int,
    message: str,
):
    """Wrong use ends with 2 and failure with 1, one line on standard error, nothing on standard output."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    ended = ltrr(*arguments)
    assert (ended.code, ended.out) == (code, "")
    assert ended.err.startswith("ltrr: ")
    assert message in ended.err
    assert ended.err.count("\n") == 1


def test_a_stale_address_is_seen_through(ltrr: Ltrr, entities: str, tmp_path: Path):
    """What a killed server left behind leads nobody to it."""
    ltrr("index", entities)
    (tmp_path / "data" / "server.json").write_text('{"url": "http://127.0.0.1:9"}')
    assert ltrr("search", "love", "--json").json()["items"]


def test_another_server_is_named(ltrr: Ltrr, monkeypatch: pytest.MonkeyPatch):
    """Something else that answers at LTRR_URL is a failure in words."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        monkeypatch.setenv("LTRR_URL", address(other))

        def answer() -> None:
            client, _ = other.accept()
            with client:
                client.recv(10_000)
                client.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi")

        thread = threading.Thread(target=answer)
        thread.start()
        ended = ltrr("policy", "show")
        thread.join()
    assert ended.code == 1
    assert "no ltrr, but 'hi': is the address, or LTRR_URL, right?" in ended.err


def test_names_are_shown_as_they_are(ltrr: Ltrr):
    """Brackets in names are text, not markup."""
    name = {"object_id": "x", "type": "[red]", "name": "Song [/foo] [bold]"}
    ltrr("index", "-", stdin=json.dumps(name).encode())
    ended = ltrr("search", "[/song] foo")
    assert ended.code == 0
    assert "[/foo]" in ended.out


def test_help_is_no_error(ltrr: Ltrr):
    """Help goes to standard output and names every command."""
    ended = ltrr("--help")
    assert (ended.code, ended.err) == (0, "")
    for command in ("demo", "serve", "index", "publish", "search", "policy", "memory"):
        assert command in ended.out
    assert ltrr().code == 2


def test_a_taken_port_is_named(ltrr: Ltrr):
    """A port that is in use is named, with what to do."""
    with bind("127.0.0.1", 0) as bound:
        port = str(bound.getsockname()[1])
        ended = ltrr("serve", "--port", port)
    assert ended.err == (
        f"ltrr: cannot listen on 127.0.0.1:{port}: Address already in use; choose another with --host or --port\n"
    )


@pytest.mark.parametrize(("stop", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 0)])
def test_a_stopped_server_keeps_its_state(tmp_path: Path, stop: signal.Signals, code: int):
    """Asked to end, the server says nothing more, keeps a checkpoint and takes its address away."""
    with serving(tmp_path) as (server, url):
        httpx.post(f"{url}/v1/search", json={"query": "love"}, timeout=20).raise_for_status()
        server.send_signal(stop)
        assert server.communicate(timeout=20)[1] == ""
    assert server.returncode == code
    assert (tmp_path / "state.bin").exists()
    assert not (tmp_path / "server.json").exists()
