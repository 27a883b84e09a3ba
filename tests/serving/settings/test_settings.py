"""Settings: where they come from, and one line that says what is wrong with them."""

import pytest

from ltrr.models.errors import InvalidSettings, LtrrError
from ltrr.models.plans.plan import Arm
from ltrr.serving.retrieval.opening import strategy_arms
from ltrr.serving.settings.settings import Settings, load_settings
from ltrr.serving.settings.versioned import SHAPING
from ltrr.streams.kafka.brokers import Brokers, Login, Mechanism, Protocol, Security


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch):
    """Lists and maps are JSON; what is empty is as if it were absent; null switches a cap off."""
    values = {
        "LTRR_PORT": "9000",
        "LTRR_APPLICATIONS": '["music", "shop"]',
        "LTRR_LADDER": "[0, 3]",
        "LTRR_ACTION_WEIGHTS": '{"click": 0.1}',
        "LTRR_MAX_CALLS": "null",
        "LTRR_FSYNC": "true",
        "LTRR_SECRET": "",
        "LTRR_URL": "",
    }
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    settings = load_settings()
    assert (settings.port, settings.applications, settings.ladder) == (9000, ("music", "shop"), (0, 3))
    assert (settings.action_weights, settings.max_calls, settings.fsync) == ({"click": 0.1}, None, True)
    assert settings.secret is settings.url is None
    assert load_settings(port=1).port == 1


def test_kafka_is_reached_as_it_is_set(monkeypatch: pytest.MonkeyPatch):
    """The variables of Kafka make one record; without an address there is none, and without the others no security."""
    assert load_settings().brokers is None
    assert load_settings(kafka="a:1").brokers == Brokers("a:1", Security())
    values = {"USER": "ann", "PASSWORD": "hush", "SASL_MECHANISM": "PLAIN", "SECURITY_PROTOCOL": "SASL_SSL"}
    for name, value in {**values, "CHECK_HOSTNAME": "false"}.items():
        monkeypatch.setenv(f"LTRR_KAFKA_{name}", value)
    login = Login(Mechanism.PLAIN, "ann", "hush")
    security = Security(Protocol.SASL_SSL, login, check_hostname=False)
    assert load_settings(kafka="a:1,b:2").brokers == Brokers("a:1,b:2", security)
    assert "hush" not in repr(load_settings())


def test_files_of_kafka_are_read_at_the_start(monkeypatch: pytest.MonkeyPatch):
    """A file that is no certificate is refused before anything is connected to."""
    monkeypatch.setenv("LTRR_KAFKA_SECURITY_PROTOCOL", "SSL")
    monkeypatch.setenv("LTRR_KAFKA_CA", __file__)
    with pytest.raises(InvalidSettings, match=r"LTRR_KAFKA_CA: .* is no PEM file of certificates"):
        load_settings()


def test_defaults_can_be_learned_under():
    """Without any variable everything has a value that works, for all strategies there are."""
    learning = load_settings().learning({"fulltext": Arm("fulltext", ("text:fulltext",)), "dense": Arm("dense")})
    assert learning.rules.names == ("dense", "fulltext")
    assert learning.rules.explore_share == 0.05


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("LTRR_PROT", "1", "there is no setting LTRR_PROT; did you mean LTRR_PORT?"),
        ("ltrr_prot", "1", "there is no setting ltrr_prot; did you mean LTRR_PORT?"),
        ("LTRR_ZZZZZ", "1", "there is no setting LTRR_ZZZZZ; docs/settings.md lists them"),
        ("LTRR_PORT", "abc", "LTRR_PORT: Input should be a valid integer"),
        ("LTRR_PORT", "65536", "LTRR_PORT: it may be at most 65535"),
        ("LTRR_LADDER", "0,5", 'LTRR_LADDER: is no JSON: write [0, 5] for a list, {"a": 1} for a map'),
        ("LTRR_BASELINE", "dense=5", "LTRR_BASELINE: is no JSON"),
        ("LTRR_BASELINE", "[1]", 'LTRR_BASELINE: is no map: write {"a": 1}'),
        ("LTRR_LADDER", '["x"]', "LTRR_LADDER.0: Input should be a valid integer"),
        ("LTRR_LADDER", "[0, 5000]", "LTRR_LADDER.1: it may be at most 100"),
        ("LTRR_APPLICATIONS", "[]", "LTRR_APPLICATIONS: "),
        ("LTRR_APPLICATIONS", '[""]', "LTRR_APPLICATIONS.0: "),
        ("LTRR_SECRET", "short", "LTRR_SECRET: has to have at least 16 characters, not 5"),
        ("LTRR_URL", "localhost", "LTRR_URL: Input should be a valid URL"),
        ("LTRR_URL", "http://h:99999", "LTRR_URL: Input should be a valid URL"),
        ("LTRR_TEXT_DEADLINE_S", "nan", "LTRR_TEXT_DEADLINE_S: "),
        ("LTRR_VECTOR_DEADLINE_S", "0", "LTRR_VECTOR_DEADLINE_S: "),
        (
            "LTRR_ELASTICSEARCH",
            "localhost:9200",
            "LTRR_ELASTICSEARCH: 'localhost:9200' is no URL: write it as http://host:port, several with",
        ),
        (
            "LTRR_QDRANT",
            "http://a:1, http://b:2",
            "LTRR_QDRANT: 'http://a:1, http://b:2' is no URL: write it as http://host:port",
        ),
        ("LTRR_ELASTICSEARCH_INDEX", "Ünsinn", "LTRR_ELASTICSEARCH_INDEX: "),
        ("LTRR_QDRANT_CA", "/nowhere.pem", "LTRR_QDRANT_CA: there is no file /nowhere.pem"),
        ("LTRR_KAFKA_CA", "/nowhere.pem", "LTRR_KAFKA_CA: there is no file /nowhere.pem"),
        ("LTRR_KAFKA_SECURITY_PROTOCOL", "TLS", "LTRR_KAFKA_SECURITY_PROTOCOL: Input should be 'PLAINTEXT', 'SSL', "),
        ("LTRR_KAFKA_SECURITY_PROTOCOL", "SASL_SSL", "SASL_SSL needs a login: set LTRR_KAFKA_SASL_MECHANISM, "),
        ("LTRR_KAFKA_SASL_MECHANISM", "GSSAPI", "LTRR_KAFKA_SASL_MECHANISM: Input should be 'PLAIN', 'SCRAM-SHA-256' "),
        ("LTRR_KAFKA_USER", "ann", "set LTRR_KAFKA_SASL_MECHANISM and LTRR_KAFKA_PASSWORD too"),
        ("LTRR_KAFKA_PASSWORD", "short", "set LTRR_KAFKA_SASL_MECHANISM and LTRR_KAFKA_USER too"),
        ("LTRR_KAFKA_CA", __file__, "PLAINTEXT has no certificates"),
        ("LTRR_STEMMER", "de", "LTRR_STEMMER: 'de' is none of arabic, armenian, "),
        ("LTRR_EXPLORE_SHARE", "1.5", "LTRR_EXPLORE_SHARE: "),
        ("LTRR_POLICY", "best", "LTRR_POLICY: no policy is called 'best'; there are: "),
    ],
)
def test_a_wrong_setting_is_named(monkeypatch: pytest.MonkeyPatch, name: str, value: str, message: str):
    """A misspelt name or a bad value is one line that says which and what to write, without the secret's value."""
    monkeypatch.setenv(name, value)
    with pytest.raises(LtrrError) as caught:
        load_settings()
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)
    assert "short" not in str(caught.value)


@pytest.mark.parametrize(
    "given",
    [
        {"ladder": (5, 0)},
        {"ladder": (0,)},
        {"arms": ("nonsense",)},
        {"arms": ("dense", "dense")},
        {"max_calls": 0},
        {"action_weights": {"click": 2.0}},
        {"join_window_s": -1.0},
        {"half_life_s": 0.0},
        {"memory_prior": 0.0},
    ],
)
def test_combinations_that_cannot_work(given: dict[str, object]):
    """Values that are fine alone and wrong for the learner are refused when it is built."""
    settings = Settings(**given)  # type: ignore[arg-type]
    with pytest.raises(InvalidSettings):
        settings.learning({"dense": Arm("dense", ("vector:dense",))})


def test_a_version_keeps_its_settings(monkeypatch: pytest.MonkeyPatch):
    """What a version was learned under goes before the environment; all else stays."""
    monkeypatch.setenv("LTRR_HALF_LIFE_S", "10")
    monkeypatch.setenv("LTRR_LATE_S", "7")
    settings = load_settings(port=1).of_version(
        {"half_life_s": 20.0, "action_weights": {"click": 0.2}, "max_calls": None}
    )
    assert (settings.half_life_s, settings.late_s, settings.port) == (20.0, 7.0, 1)
    assert settings.action_weights == {"click": 0.2}


def test_a_version_keeps_what_decides_what_its_log_teaches():
    """Each setting that a state is not taken over under another value of stands among those that a version keeps."""
    teaching = Settings().learning(strategy_arms()).teaching
    called = {"alone_share": "max_calls", "context_names": "context_attributes", "reserved": "arms"}
    assert {called.get(name, name) for name in teaching} - {"most_gain"} == set(SHAPING)


@pytest.mark.parametrize(
    ("recorded", "message"),
    [
        ({"port": 1}, "a version has no setting port; it has: action_aliases, action_weights"),
        ({"half_life_s": "long"}, "LTRR_HALF_LIFE_S: Input should be a valid number"),
        ({"policy": "oracle"}, "no policy is called 'oracle'"),
    ],
)
def test_settings_that_a_version_cannot_have(recorded: dict[str, object], message: str):
    """One that is not about learning, or has a wrong value, is named."""
    with pytest.raises(LtrrError, match=message):
        load_settings().of_version(recorded)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"kafka": "k:1", "partitions": 2}, "set LTRR_PARTITIONS to 1"),
        ({"policy": "thompson"}, "the policy thompson draws from a posterior"),
    ],
)
def test_what_a_regressor_of_river_cannot_do_is_refused(settings: dict[str, object], message: str):
    """Several partitions, which it cannot add up, and policies that draw from its posterior; one partition is taken."""
    river = {"regressor": "linear_model.LinearRegression"}
    with pytest.raises(InvalidSettings, match=message):
        load_settings(**river, **settings).learning(strategy_arms())
    assert load_settings(**settings).learning(strategy_arms()).regressor == "bayesian"
    one = load_settings(**river, kafka="k:1", partitions=1).learning(strategy_arms())
    assert one.regressor == "linear_model.LinearRegression"
