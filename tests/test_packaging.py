"""The distribution brings its own packages, and their names are nobody else's."""

import subprocess
import tomllib
import zipfile
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
PACKAGES = ("models", "streams", "retrievers", "serving", "bench")


@pytest.mark.parametrize("package", PACKAGES)
def test_no_other_distribution_has_the_name(package: str):
    """No other installed distribution ships a top-level package of this name."""
    assert set(packages_distributions().get(package, [])) <= {"ltrr"}


def test_import_rules_cover_every_package():
    """The wheel and the import rules name the same packages; the type checker reads deploy besides."""
    tools = PROJECT["tool"]
    assert sorted(tools["hatch"]["build"]["targets"]["wheel"]["packages"]) == sorted(PACKAGES)
    assert sorted(tools["mypy"]["packages"]) == sorted({*PACKAGES, "deploy"})
    assert sorted(tools["importlinter"]["root_packages"]) == sorted(PACKAGES)


def test_wheel_holds_the_packages_and_the_page(tmp_path: Path):
    """A wheel has every module, the search page, the licence and the command, and nothing else."""
    # what `make install` fetched is enough; a cache that was emptied since needs the network again
    build = [ROOT / ".venv" / "bin" / "uv", "build", "--quiet", "--wheel", "--out-dir", tmp_path, ROOT]
    if subprocess.run([*build, "--offline"], check=False, capture_output=True).returncode:
        subprocess.run(build, check=True)
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        about = f"ltrr-{PROJECT['project']['version']}.dist-info"
        scripts = archive.read(f"{about}/entry_points.txt").decode()
    modules = {str(path.relative_to(ROOT)) for package in PACKAGES for path in (ROOT / package).rglob("*.py")}
    described = {f"{about}/{name}" for name in ("METADATA", "WHEEL", "RECORD", "entry_points.txt", "licenses/LICENSE")}
    assert set(names) == modules | {"serving/search.html"} | described
    assert "ltrr = serving.cli:main" in scripts
