"""The package of docs/extending.md: built, installed, found by its entry points, and held to the contracts."""

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests import wheels

pytestmark = pytest.mark.whole

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "extending.md").read_text(encoding="utf-8")
FILES = dict(re.findall(r"<!-- (\S+) -->\n```\w+\n(.*?)```", PAGE, re.DOTALL))


def run(*command: object, **environment: str) -> str:
    """Return what a command prints; fail with it where the command fails."""
    done = subprocess.run(
        list(map(str, command)), check=False, capture_output=True, text=True, env=os.environ | environment
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Path]:
    """Return the folders of the example's source and of its installation."""
    source, built, installed = (tmp_path_factory.mktemp(name) for name in ("source", "built", "installed"))
    for name, text in {**FILES, "acme_search/__init__.py": ""}.items():
        (source / name).parent.mkdir(exist_ok=True)
        (source / name).write_text(text)
    wheels.install(wheels.built(source, built), installed)
    return {"source": source, "installed": installed}


def test_the_parts_are_found(package: Mapping[str, Path]):
    """Strategy, policy and encoder stand beside the built-in ones."""
    look = (
        "from ltrr.models.policies import policies; from ltrr.retrievers.strategies import discover;"
        "print(*policies(), *(arm.name for arm in discover()))"
    )
    names = run(sys.executable, "-c", look, PYTHONPATH=str(package["installed"])).split()
    assert {"boltzmann", "igw", "titles", "fulltext"} <= set(names)


def test_the_encoder_is_what_an_index_is_made_with(package: Mapping[str, Path], tmp_path: Path):
    """Chosen by its name, it finds what is misspelt by meaning alone."""
    (tmp_path / "shop.jsonl").write_text('{"object_id": "a", "name": "headphones"}\n{"object_id": "b", "name": "tea"}')
    chosen = {"LTRR_ENCODER": "trigrams", "LTRR_DATA_DIR": str(tmp_path / "data"), "LTRR_ARMS": '["dense"]'}
    where = {"PYTHONPATH": os.pathsep.join([str(package["installed"]), str(ROOT)]), "LTRR_BASELINE": '{"dense": 5}'}
    ltrr = sys.executable, "-c", "from ltrr.serving.commands.cli import main; main()"
    run(*ltrr, "index", tmp_path / "shop.jsonl", **chosen, **where)
    assert '"object_id": "a"' in run(*ltrr, "search", "hedphones", "--size", "1", "--json", **chosen, **where)


def test_the_parts_keep_the_contracts(package: Mapping[str, Path]):
    """The suites that come with ltrr run on both parts, and so do the tests of their own."""
    pytest_ = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-c", os.devnull]
    where = str(package["installed"])
    contracts = run(*pytest_, "--pyargs", "ltrr.testing", "-k", "titles or boltzmann", PYTHONPATH=where)
    passed = int(re.search(r"(\d+) passed", contracts)[1])
    assert passed > 50
    assert "3 passed" in run(*pytest_, package["source"] / "tests", PYTHONPATH=where)


def test_all_examples_are_in_the_package():
    """No Python stands in extending.md without being run."""
    assert len(FILES) - 1 == PAGE.count("```python") == 6
