"""The distribution brings one package, `ltrr`, which holds the folders of the repository."""

import json
import os
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

from tests import wheels

pytestmark = pytest.mark.whole

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
_WEB = {".css", ".html", ".js"}
PACKAGES = ("models", "streams", "retrievers", "serving", "bench")


def test_the_package_holds_the_folders():
    """Each folder of code stands in the package as a link, and nothing else does."""
    links = {path.name: path.readlink() for path in (ROOT / "ltrr").iterdir() if path.is_symlink()}
    assert links == {name: Path("..") / name for name in PACKAGES}


def test_import_rules_cover_every_package():
    """The wheel and the import rules name the same packages; the type checker reads deploy besides."""
    tools = PROJECT["tool"]
    assert tools["hatch"]["build"]["targets"]["wheel"]["packages"] == ["ltrr"]
    assert tools["mypy"]["packages"] == ["ltrr", "deploy"]
    assert tools["importlinter"]["root_packages"] == ["ltrr"]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the built wheel."""
    return wheels.built(ROOT, tmp_path_factory.mktemp("wheel"))


def test_wheel_holds_the_packages_and_the_pages(wheel: Path):
    """A wheel has every module, the web pages, the licence and the command, and nothing else."""
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        about = f"ltrr-{PROJECT['project']['version']}.dist-info"
        scripts = archive.read(f"{about}/entry_points.txt").decode()
    paths = [*(ROOT / "ltrr").rglob("*.py"), *(path for name in PACKAGES for path in (ROOT / name).rglob("*.py"))]
    modules = {str(path.relative_to(ROOT)).removeprefix("ltrr/") for path in paths}
    described = {f"{about}/{name}" for name in ("METADATA", "WHEEL", "RECORD", "entry_points.txt", "licenses/LICENSE")}
    web = {f"serving/http/web/{path.name}" for path in (ROOT / "serving/http/web").iterdir() if path.suffix in _WEB}
    assert set(names) == {f"ltrr/{name}" for name in (*modules, *web, "py.typed")} | described
    assert "ltrr = ltrr.serving.commands.cli:main" in scripts


def test_the_wheel_runs_beside_folders_of_the_same_names(wheel: Path, tmp_path: Path):
    """Where a user's own `models` and `serving` come first, the installed demo runs all the same."""
    installed, own = tmp_path / "installed", tmp_path / "own"
    wheels.install(wheel, installed)
    for name in PACKAGES:
        (own / name).mkdir(parents=True)
        (own / name / "__init__.py").write_text("raise ImportError('this is the package of a user')\n")
    ours = f"import ltrr, sys; assert ltrr.__file__.startswith({str(installed)!r}); sys.argv[0] = 'ltrr'"
    demo = f"{ours}; from ltrr.serving.commands.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", demo, "demo", "--queries", "20", "--json"],
        cwd=own,
        env=os.environ | {"PYTHONPATH": f".:{installed}"},
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["figures"]
