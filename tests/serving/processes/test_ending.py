"""Processes that are told to end do, whatever is left in them."""

import subprocess
import sys

ENDLESS = "import threading; threading.Thread(target=threading.Event().wait).start()"


def ended(script: str) -> tuple[int, str]:
    """Return the exit code of a script that may end within a moment, and what it said."""
    program = (
        f"from ltrr.serving.processes.ending import end_within; end_within(0.2, 'ltrr serve', lambda: 3); {script}"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=60)
    return done.returncode, done.stderr


def test_what_does_not_end_is_ended():
    """With the exit code that was given, and it says so."""
    code, said = ended(ENDLESS)
    assert (code, said) == (3, "ltrr serve: did not end by itself within 0.2 s, and was ended; nothing is lost\n")


def test_what_ends_by_itself_is_let():
    """Its exit code is its own."""
    assert ended("pass") == (0, "")
