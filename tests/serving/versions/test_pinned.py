"""Which version a query worker serves where one is pinned."""

import pytest

from ltrr.models.memory.prediction import Predictions
from ltrr.serving.settings.settings import Settings
from ltrr.serving.versions.versions import ServedVersions
from ltrr.streams.kafka.brokers import Brokers
from ltrr.streams.versions.active import Active, Mode


@pytest.mark.parametrize(("pinned", "served"), [(True, "v2"), (False, "v1")])
def test_a_pinned_version_goes_before_what_was_promoted(pinned: bool, served: str):  # noqa: FBT001  # a case
    """With LTRR_PINNED it is LTRR_VERSION, else what was promoted."""
    settings = Settings(version="v2", pinned=pinned)
    versions = ServedVersions(Brokers("127.0.0.1:9"), settings, lambda _: None, Predictions())
    versions._board.active["default"] = Active("v1", Mode.ONLINE)
    assert versions._active("default").version == served
