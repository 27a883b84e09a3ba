"""What a query worker says of a version that was learned under other settings."""

from ltrr.models.memory.prediction import Predictions
from ltrr.serving.settings.settings import Settings
from ltrr.serving.versions.versions import ServedVersions, _Followed
from ltrr.streams.kafka.brokers import Brokers
from tests.models.learning.test_fold import learned
from tests.models.logs import partition_log
from tests.streams.state.test_follower import PROGRESS, record


def test_what_is_not_served_of_a_version_is_said():
    """It answers as if that had not been learned, and is not ready, with the setting that differs."""
    settings = Settings(arms=("fulltext", "dense"), baseline={"fulltext": 10})
    versions = ServedVersions(Brokers("127.0.0.1:9"), settings, lambda _: None, Predictions())
    follower, states = versions._open("v1", settings)
    versions._followed["v1"] = _Followed(follower, states, ())
    assert versions.trouble is None
    fold = learned(partition_log(0))
    follower._take(record(PROGRESS, fold.write(PROGRESS)))
    said = str(versions.trouble)
    assert said.startswith(
        "version v1 is served without what it has learned: the recorded state was learned with other"
    )
    assert "arms, which was" in said
