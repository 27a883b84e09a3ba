"""The distribution brings one package, `ltrr`, which holds the folders of the repository."""

import subprocess
import tomllib
import zipfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
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
    paths = [*(ROOT / "ltrr").rglob("*.py"), *(path for name in PACKAGES for path in (ROOT / name).rglob("*.py"))]
    modules = {str(path.relative_to(ROOT)).removeprefix("ltrr/") for path in paths}
    described = {f"{about}/{name}" for name in ("METADATA", "WHEEL", "RECORD", "entry_points.txt", "licenses/LICENSE")}
    assert set(names) == {f"ltrr/{name}" for name in (*modules, "py.typed", "serving/http/search.html")} | described
    assert "ltrr = ltrr.serving.commands.cli:main" in scripts
