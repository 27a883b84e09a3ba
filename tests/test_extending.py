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
    """Strategy and policy stand beside the built-in ones."""
    look = (
        "from ltrr.models.policies import policies; from ltrr.retrievers.strategies import discover;"
        "print(*policies(), *(arm.name for arm in discover()))"
    )
    names = run(sys.executable, "-c", look, PYTHONPATH=str(package["installed"])).split()
    assert {"boltzmann", "igw", "titles", "fulltext"} <= set(names)


def test_the_parts_keep_the_contracts(package: Mapping[str, Path]):
    """The suites that come with ltrr run on both parts, and so do the tests of their own."""
    pytest_ = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-c", os.devnull]
    where = str(package["installed"])
    contracts = run(*pytest_, "--pyargs", "ltrr.testing", "-k", "titles or boltzmann", PYTHONPATH=where)
    passed = int(re.search(r"(\d+) passed", contracts)[1])
    assert passed > 50
    assert "2 passed" in run(*pytest_, package["source"] / "tests", PYTHONPATH=where)


def test_all_examples_are_in_the_package():
    """No Python stands in extending.md without being run."""
    assert len(FILES) - 1 == PAGE.count("```python") == 4
