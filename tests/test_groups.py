"""How the tests themselves run."""

import pytest


def test_the_tests_of_a_file_stay_in_one_process(request: pytest.FixtureRequest):
    """Where there are several, pytest-xdist sees the groups that are made for it: a file's tests share fixtures."""
    if getattr(request.config.option, "loadgroup", False):
        assert request.node.nodeid.endswith("@tests/test_groups.py")
