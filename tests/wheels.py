"""Wheels, built and installed as users do it."""

import subprocess
from pathlib import Path

UV = Path(__file__).parent.parent / ".venv" / "bin" / "uv"


def built(source: Path, folder: Path) -> Path:
    """Return the wheel of a source, built into a folder."""
    # what `make install` fetched is enough; a cache that was emptied since needs the network again
    build = [UV, "build", "--quiet", "--wheel", "--out-dir", folder, source]
    if subprocess.run([*build, "--offline"], check=False, capture_output=True).returncode:
        subprocess.run(build, check=True)
    (wheel,) = folder.glob("*.whl")
    return wheel


def install(wheel: Path, folder: Path) -> None:
    """Install a wheel alone into a folder of its own."""
    subprocess.run([UV, "pip", "install", "--quiet", "--offline", "--no-deps", "--target", folder, wheel], check=True)
