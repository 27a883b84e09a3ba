"""How the command line starts."""

import subprocess
import sys

import pytest

pytestmark = pytest.mark.whole

SLOW = ("elasticsearch", "fastembed", "lightgbm", "pandas", "qdrant_client", "scipy", "sklearn")


def test_a_command_loads_no_slow_library_before_it_needs_it():
    """Each takes longer than all the rest together, and is for engines, drift or training alone."""
    look = f"import sys, ltrr.serving.commands.cli; print([name for name in {SLOW} if name in sys.modules])"
    found = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True)
    assert found.stdout == "[]\n"
