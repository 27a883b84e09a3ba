"""What `import ltrr` offers, and that it loads nothing that is not asked for."""

import importlib.metadata
import subprocess
import sys

import pytest

import ltrr


@pytest.mark.parametrize("name", ltrr.__all__)
def test_each_name_is_there(name: str):
    """Every public name is what it says."""
    assert getattr(ltrr, name) is not None


def test_an_unknown_name_is_no_attribute():
    """A name that is not public is refused as by any module."""
    with pytest.raises(AttributeError, match="no attribute 'Kafka'"):
        _ = ltrr.Kafka


def test_the_version_is_the_distributions():
    """`__version__` is what is installed."""
    assert ltrr.__version__ == importlib.metadata.version("ltrr")


def test_importing_it_loads_nothing():
    """The package alone loads no library."""
    look = "import sys, ltrr; print([name for name in ('numpy', 'faust', 'fastapi', 'kafka') if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", look], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "[]"
