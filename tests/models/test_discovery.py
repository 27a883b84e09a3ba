"""Discovery: one file adds one part."""

import importlib
import re
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from ltrr.models import discovery
from ltrr.models.discovery import discover
from ltrr.models.errors import InvalidSettings
from ltrr.models.policies import policies
from ltrr.models.policies.base import Policy

BASE = "from abc import ABC, abstractmethod\nclass Part(ABC):\n    @abstractmethod\n    def act(self): ...\n"
Make = Callable[..., ModuleType]


@pytest.fixture
def make(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Make:
    """Return a maker of packages of a base and some modules."""
    monkeypatch.syspath_prepend(str(tmp_path))
    name = re.sub(r"\W", "_", f"parts_of_{request.node.name}")

    def make(**modules: str) -> ModuleType:
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text("")
        (tmp_path / name / "base.py").write_text(BASE)
        for module, text in modules.items():
            (tmp_path / name / f"{module}.py").write_text(f"from {name}.base import Part\n{text}")
        return importlib.import_module(name)

    return make


def base_of(package: ModuleType) -> type:
    """Return the base class of a made package."""
    return importlib.import_module(f"{package.__name__}.base").Part


def concrete(name: str, title: str = "One") -> str:
    """Return the source of a concrete part."""
    return f"class {title}(Part):\n    name = {name!r}\n    def act(self): ...\n"


def test_concrete_parts_are_found_by_name(make: Make):
    """Each module's own concrete classes are found; the base, abstract ones and imported ones are not."""
    package = make(
        one=concrete("first") + concrete("second", "Two"),
        three="from abc import abstractmethod\nclass Half(Part):\n    name = 'half'\n",
    )
    found = discover(package, base_of(package), "ltrr.nothing")
    assert sorted(found) == ["first", "second"]
    assert found["first"].__name__ == "One"


@pytest.mark.parametrize("name", ["", "same"])
def test_names_have_to_be_ones_own(make: Make, name: str):
    """A part without a name, or with one that is taken, is named with its module."""
    package = make(one=concrete(name), two=concrete(name, "Two"))
    with pytest.raises(TypeError, match="needs a name of its own"):
        discover(package, base_of(package), "ltrr.nothing")


def install(folder: Path, group: str, name: str, value: str) -> None:
    """Lay out what an installed package leaves: an entry point in its metadata."""
    about = folder / "acme-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: acme\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text(f"[{group}]\n{name} = {value}\n")
    discovery._points.cache_clear()  # a process reads once what is installed


def test_installed_parts_are_found(make: Make, tmp_path: Path):
    """A class that an entry point names stands beside those of the package."""
    package = make(one=concrete("first"))
    (tmp_path / "acme_found.py").write_text(f"from {package.__name__}.base import Part\n{concrete('theirs')}")
    install(tmp_path, "test.found", "theirs", "acme_found:One")
    assert sorted(discover(package, base_of(package), "test.found")) == ["first", "theirs"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("import nowhere_to_be_found\n", "cannot be imported: No module named 'nowhere_to_be_found'"),
        ("class One: pass\n", "is no Part that can be made"),
        ("from {package}.base import Part as One\n", "is no Part that can be made"),
        ("from {package}.base import Part\n" + concrete("first"), "needs a name of its own, not 'first'"),
    ],
    ids=("no import", "another class", "abstract", "taken"),
)
def test_an_installed_part_that_cannot_be_had_names_its_package(make: Make, tmp_path: Path, text: str, said: str):
    """What is wrong with a part of another package is said with the package's name and what to do."""
    package = make(one=concrete("first"))
    (tmp_path / f"acme_{package.__name__}.py").write_text(text.replace("{package}", package.__name__))
    install(tmp_path, "test.bad", "theirs", f"acme_{package.__name__}:One")
    with pytest.raises(InvalidSettings, match=f"test.bad theirs of acme .*{said}.*mend or uninstall it"):
        discover(package, base_of(package), "test.bad")


def test_policies_are_found():
    """The walk finds the policies under the names that settings use."""
    assert {"igw", "epsilon", "static", "uniform"} <= policies().keys()
    assert all(policy.name == name and issubclass(policy, Policy) for name, policy in policies().items())
