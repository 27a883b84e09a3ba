"""What pages name exists."""

import ast
import importlib
import re
import shlex

from ltrr.serving.service.embedded import EmbeddedService
from ltrr.serving.settings.settings import Settings
from ltrr.streams.events.topics import Topic
from tests.docs.pages import PAGES, ROOT, blocks, code, commands, endpoints, every_page, metrics

GROUPS = ("ltrr.strategies", "ltrr.policies", "ltrr.estimators", "ltrr.encoders", "ltrr.testing")


@every_page
def test_settings_exist(page: str):
    """Every LTRR_ variable that a page names is a setting."""
    known = {f"LTRR_{name.upper()}" for name in Settings.model_fields}
    assert set(re.findall(r"LTRR_[A-Z][A-Z_]*", PAGES[page])) <= known


@every_page
def test_topics_exist(page: str):
    """Every topic that a page names is one."""
    assert set(re.findall(r"`(ltrr\.[a-z]+)`", PAGES[page])) <= {*Topic, *GROUPS}


@every_page
def test_metrics_exist(page: str):
    """Every metric that a page names exists."""
    assert set(re.findall(r"\bltrr_[a-z_]+", PAGES[page])) <= set(metrics())


@every_page
def test_endpoints_exist(page: str, service: EmbeddedService):
    """Every path that a page names is an endpoint."""
    known = {endpoint.split()[1] for endpoint in endpoints(service)} | {"/docs"}
    named = re.findall(r"(?:^|\s|(?<=http://127.0.0.1:8080))(/[a-z][\w/{}-]*)", code(PAGES[page]), re.MULTILINE)
    assert {path for path in named if not path.startswith("/dev")} <= known


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


@every_page
def test_make_targets_exist(page: str):
    """Every `make` command that a page names is a target."""
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"(?:^|`)make ([a-z-]+)", PAGES[page], re.MULTILINE)) <= targets


@every_page
def test_imports_exist(page: str):
    """Everything that the Python of a page imports from ltrr is there."""
    for block in blocks(PAGES[page], "python"):
        for node in ast.walk(ast.parse(block)):
            if isinstance(node, ast.ImportFrom) and node.module.split(".")[0] == "ltrr":
                for name in node.names:
                    assert hasattr(importlib.import_module(node.module), name.name), f"{node.module}.{name.name}"
