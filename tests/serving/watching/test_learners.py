"""Which versions searches use, and have to be learned."""

import pytest

from ltrr.serving.settings.settings import Settings
from ltrr.serving.watching.learners import taking_part
from ltrr.streams.versions.active import Active, Mode
from ltrr.streams.versions.versions import Board


@pytest.mark.parametrize(
    ("pinned", "found"),
    [
        (False, {"r1": ["shop"], "r2": ["shop"], "v1": ["films"]}),
        (True, {"v1": ["shop", "films"]}),
    ],
)
def test_what_was_promoted_takes_part(pinned: bool, found: dict[str, list[str]]):  # noqa: FBT001  # a case
    """And what is in its shadow; LTRR_VERSION where nothing was, or where it is pinned."""
    board = Board()
    board.active["shop"] = Active("r1", Mode.APPRENTICE, shadow="r2")
    board.active["elsewhere"] = Active("r9")
    assert taking_part(board, Settings(applications=("shop", "films"), pinned=pinned)) == found
