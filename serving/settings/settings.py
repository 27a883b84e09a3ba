"""Settings of a process: read once at the entry point from LTRR_ variables, passed down, never changed."""

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import Annotated

from pydantic import (
    Field,
    FilePath,
    HttpUrl,
    JsonValue,
    SecretStr,
    StringConstraints,
    ValidationError,
    ValidationInfo,
    field_validator,
)
from pydantic_settings import SettingsConfigDict, SettingsError

from ltrr.models.errors import InvalidSettings, UnknownName
from ltrr.models.memory.query_memory import MOST_VISITORS
from ltrr.models.plans.placement import Placement
from ltrr.models.plans.plan import Arm, PlanRules
from ltrr.models.policies import policy_named
from ltrr.models.policies.base import PolicyOptions
from ltrr.models.rewards.context import ATTRIBUTE, CONTEXT_NAMES
from ltrr.models.state.learning import ACTION_WEIGHTS, ACTION_WINDOWS_S, MOST_PAIRS, Learning
from ltrr.models.statistics.regressors import OURS, regressors
from ltrr.models.text import ENGLISH, STEMMERS
from ltrr.serving.settings.access import Access
from ltrr.serving.settings.aliases import with_aliases
from ltrr.serving.settings.baseline import USUAL, with_baseline
from ltrr.serving.settings.refusals import PREFIX, check_regressor, kafka_login, refuse_misspelt
from ltrr.serving.settings.versioned import VERSIONED
from ltrr.streams.events.refusals import words
from ltrr.streams.kafka.brokers import Brokers, Mechanism, Protocol, Security
from ltrr.streams.versions.active import Active, Mode

_NO_MAP = 'is no map: write {"a": 1}'
_NO_JSON = 'is no JSON: write [0, 5] for a list, {"a": 1} for a map'
_URL = re.compile(r"https?://[^,\s]+")
VERSION_NAME = r"^[A-Za-z0-9._-]{1,50}$"
Application = Annotated[str, StringConstraints(min_length=1, max_length=100)]
Attribute = Annotated[str, StringConstraints(pattern=r"^[^=]{1,50}(=.{1,50})?$")]
Budget = Annotated[int, Field(ge=0, le=100)]  # the whole union is logged: more would not fit in a message


class Settings(Access):
    """All settings; each is the variable LTRR_ plus its name in capitals, lists and maps as JSON."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, frozen=True, extra="forbid", env_ignore_empty=True, env_parse_none_str="null"
    )

    applications: tuple[Application, ...] = Field(
        ("default",), min_length=1, description="Tenants (UBI `application`) that are served; the first is the default."
    )
    arms: tuple[str, ...] = Field((), description="Strategies the policy may choose from; empty for all there are.")
    ladder: tuple[Budget, ...] = Field(
        (0, 5, 10, 20), description="Budgets in candidates, rising from 0 to at most 100."
    )
    max_calls: int | None = Field(None, description="Cap on backend sub-requests for each query; null for none.")
    max_candidates: int | None = Field(None, description="Cap on the sum of budgets for each query; null for none.")
    price_per_call: float = Field(1.0, ge=0, description="Price of a backend sub-request, in units of price.")
    price_per_candidate: float = Field(0.0, ge=0, description="Price of a candidate of budget, in units of price.")
    price_weight: float = Field(
        0.01,
        ge=0,
        description="Lambda: reward given up for one unit of price; the baseline is paid, under a cap its first call.",
    )
    policy: str = Field("igw", description="Policy that chooses plans.")
    exploration: float = Field(0.02, description="Probability kept for choices that do not look best, in (0, 1].")
    greed: float = Field(80.0, description="How fast inverse gap weighting turns to what looks best.")
    baseline: dict[str, int] | None = Field(
        None,
        description="The plan that searches are not to be worse than: arm -> candidates; `static` and `apprentice` run"
        " it. `{}` for none; where absent, " + ", ".join(f"`{arm}`" for arm in USUAL) + " at the largest budget, as"
        " far as arms and caps allow with a call and a list to spare, and `memory` in what they leave.",
    )
    noise: float = Field(
        0.25,
        description="Standard deviation of credit: scale of what is not known yet, and of the draws of `thompson`.",
    )
    caution: float = Field(
        1.0,
        description="Standard deviations of what is not known by which less than the baseline has to look better; 0 for"
        " no caution.",
    )
    explore_share: float = Field(
        0.05,
        ge=0,
        le=1,
        description="Probability that one place of a first page, never its first, shows what `explore` brings, or a"
        " random candidate from behind the page.",
    )
    swap_share: float = Field(
        0.03, ge=0, le=1, description="Probability that two neighbours on a page change places, to learn position bias."
    )
    test_agents: tuple[Annotated[str, StringConstraints(min_length=1)], ...] = Field(
        (),
        description="Patterns such as `*bot*` of user, client and session ids and of HTTP's `User-Agent`, in any case:"
        " nothing is learned from searches that match.",
    )
    stable_s: float = Field(
        600.0,
        ge=0,
        description="Seconds in which the same query of a visitor keeps the draws of its first search; 0 for none.",
    )
    action_weights: dict[str, float] = Field(
        ACTION_WEIGHTS, description="Value in [0, 1] of each action name; others teach nothing."
    )
    action_aliases: dict[str, str] = Field(
        {},
        description='Further names of actions, such as `{"book": "purchase"}`, beside the usual ones; case, hyphens and'
        " humps never matter.",
    )
    ordinal_base: int = Field(1, ge=0, le=1, description="Ordinal that senders give to the first result, 0 or 1.")
    join_window_s: float = Field(1800.0, description="Seconds after its impression in which an action counts.")
    action_windows_s: dict[str, float] = Field(
        ACTION_WINDOWS_S, description="The same for actions of some names; a longer one goes on with what was acted on."
    )
    late_s: float = Field(
        300.0, description="Seconds by which an event may be recorded late, and clocks differ (at most 300)."
    )
    half_life_s: float = Field(30 * 86400.0, description="Seconds after which an observation counts half.")
    session_s: float = Field(1800.0, description="Seconds after which what a session took counts half in its profile.")
    context_attributes: tuple[Attribute, ...] = Field(
        (),
        max_length=16,
        description="Attributes of requests that policies see: `NAME` is a number, `NAME=VALUE` a flag.",
    )
    regressor: str = Field(
        OURS,
        description=f"Regressor of the reward model: `{OURS}` (ours), or with one partition one of River's: "
        f"{', '.join(f'`{name}`' for name in regressors() if name != OURS)}.",
    )
    reward_precision: float = Field(2.0, description="Prior precision of the reward model.")
    shared_prior: bool = Field(
        default=True,
        description="Let tenants start from what all others have learned: policy and ranker, no memory or profile.",
    )
    ranker_precision: float = Field(40.0, description="Prior precision of the ranker.")
    memory_prior: float = Field(2.0, description="Weight of the memory's prior, in examinations.")
    estimate_looks: float = Field(
        0.0,
        description="Looks of visitors that the ranker's estimate of an entity counts like when arms are credited; "
        "0 credits what was seen alone.",
    )
    memory_queries: int = Field(
        100_000, description="Queries that an application remembers, in each partition; the least shown ones go."
    )
    memory_pairs: int = Field(
        200, description=f"Entities that are remembered of a query, at most {MOST_PAIRS}; the least shown ones go."
    )
    near_visitors: int = Field(
        3, ge=0, le=MOST_VISITORS, description="Visitors who make a query before `near_query` shows its words."
    )
    senders: int = Field(
        100_000,
        description="Senders (users, clients, sessions) of which an application knows how often they act, in each "
        "partition, and as many users and sessions with profiles; those of least pages go.",
    )
    generator: str | None = Field(
        "structured",
        description="Predicts queries for new entities: `structured`, `doc2query:FOLDER`, or `null` for none.",
    )
    text_deadline_s: float = Field(
        0.25,
        gt=0,
        description="Seconds full text may take before a search goes on; eight times that where nothing was found.",
    )
    vector_deadline_s: float = Field(
        0.25,
        gt=0,
        description="Seconds vectors may take before a search goes on; eight times that where nothing was found.",
    )
    vector_exact: bool = Field(
        default=False,
        description="Compare every dense vector instead of asking codes or a graph: exact, and slow for many.",
    )
    encoder: str = Field(
        "wordllama", description="Dense encoder: `wordllama`, `minilm`, or `fastembed:` and a model or folder."
    )
    sparse_encoder: str = Field(
        "expansion", description="Sparse encoder: `expansion`, `splade`, or `fastembed:` and a model."
    )
    synonyms: FilePath | None = Field(
        None,
        description="File of words that people say for each other: `tv, television`, `colour => color`, one a line.",
    )
    stemmer: str = Field(
        ENGLISH,
        description="Language of the catalogue, by its English name, whose inflections are known; `ltrr index rebuild`"
        " after a change.",
    )
    checkpoint_s: float = Field(30.0, gt=0, description="Seconds between checkpoints of the embedded learner's state.")
    fsync: bool = Field(default=False, description="Flush the embedded log to the disk at every append (power cuts).")
    kafka: str | None = Field(
        None, description="Bootstrap servers (host:port, comma-separated); where absent, everything runs embedded."
    )
    kafka_security_protocol: Protocol = Field(
        Protocol.PLAINTEXT, description="How connections to Kafka are secured; `SASL_SSL` for most managed clusters."
    )
    kafka_ca: FilePath | None = Field(
        None, description="PEM file of certificates to trust, with `SSL` and `SASL_SSL`; the system's where absent."
    )
    kafka_certificate: FilePath | None = Field(
        None, description="PEM file of the client's own certificate, where Kafka asks for one (mutual TLS)."
    )
    kafka_key: FilePath | None = Field(
        None, description="PEM file of its key, without a passphrase; where absent, the certificate's file has it."
    )
    kafka_check_hostname: bool = Field(
        default=True, description="Refuse a broker whose certificate is not for the host it is reached at."
    )
    kafka_sasl_mechanism: Mechanism | None = Field(None, description="How the user logs in to a `SASL_` protocol.")
    kafka_user: str | None = Field(None, min_length=1, description="User that logs in to Kafka.")
    kafka_password: SecretStr | None = Field(None, min_length=1, description="Password of that user.")
    elasticsearch: str | None = Field(
        None, description="URLs of Elasticsearch's nodes (commas between); where absent, full text is in the process."
    )
    elasticsearch_index: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9._-]{0,99}$")] = Field(
        "ltrr-entities", description="Alias of the index of entities; made where missing, as its name with a number."
    )
    elasticsearch_memory_index: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9._-]{0,99}$")] = Field(
        "ltrr-memory", description="Alias of the index of the memory's pairs; made where missing."
    )
    elasticsearch_api_key: SecretStr | None = Field(None, description="API key, in the encoded form.")
    elasticsearch_user: str | None = Field(None, description="User, where there is no API key.")
    elasticsearch_password: SecretStr | None = Field(None, description="Password of that user.")
    elasticsearch_ca: FilePath | None = Field(None, description="File of certificates to trust, for https:// URLs.")
    elasticsearch_analyzer: str = Field(
        "whitespace", description="Analyzer of names and texts, folded and split by ltrr before; `english` stems."
    )
    elasticsearch_shards: int = Field(1, ge=1, description="Shards of an index that is made.")
    elasticsearch_replicas: int = Field(0, ge=0, description="Copies of each shard of an index that is made.")
    qdrant: str | None = Field(
        None, description="URL of Qdrant's HTTP interface; where absent, vectors are searched in the process."
    )
    qdrant_grpc_port: int | None = Field(
        None, ge=1, le=65535, description="Port of Qdrant's gRPC interface, to use that: twice as fast."
    )
    qdrant_collection: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$")] = Field(
        "ltrr-entities",
        description="Alias of the collection of entities; made where missing, as its name with a number.",
    )
    qdrant_api_key: SecretStr | None = Field(None, description="API key.")
    qdrant_ca: FilePath | None = Field(None, description="File of certificates to trust, for https:// URLs.")
    partitions: int = Field(4, ge=1, description="Partitions of the source and state topics; fixed once they exist.")
    version: Annotated[str, StringConstraints(pattern=VERSION_NAME)] = Field(
        "v1", description="Version of learned state that a worker writes; served until one is promoted."
    )
    mode: Mode = Field(
        Mode.ONLINE,
        description="Who decides until a version is promoted, and embedded: the policy (`online`), its baseline with"
        " exploration (`apprentice`), the baseline and nothing that was learned (`static`), or the apprentice while the"
        " policy decides unseen (`shadow`).",
    )
    pinned: bool = Field(
        default=False,
        description="Serve `LTRR_VERSION` in `LTRR_MODE` on Kafka whatever was promoted, as `ltrr judge` does to"
        " compare versions.",
    )
    keep_versions: int | None = Field(
        None,
        ge=0,
        description="Versions kept besides those in use and those a rollback goes to; `null` keeps all.",
    )
    url: HttpUrl | None = Field(None, description="A running server that commands talk to instead of the data folder.")

    @field_validator("elasticsearch", "qdrant")
    @classmethod
    def _url(cls, text: str | None, info: ValidationInfo) -> str | None:
        is_list = info.field_name == "elasticsearch"
        if text is not None and not all(map(_URL.fullmatch, text.split(",") if is_list else [text])):
            several = ", several with commas and no spaces" if is_list else ""
            raise ValueError(f"{text!r} is no URL: write it as http://host:port{several}")
        return text

    @field_validator("stemmer")
    @classmethod
    def _stemmer(cls, name: str) -> str:
        if name not in STEMMERS:
            raise ValueError(f"{name!r} is none of {', '.join(STEMMERS)}")
        return name

    @property
    def brokers(self) -> Brokers | None:
        """Return where Kafka is and how to speak to it; None where everything runs embedded."""
        return None if self.kafka is None else Brokers(self.kafka, self.kafka_security)

    @property
    def kafka_security(self) -> Security:
        """Return how connections to Kafka are secured. Raises InvalidSettings."""
        return Security(
            self.kafka_security_protocol,
            kafka_login(self.kafka_sasl_mechanism, self.kafka_user, self.kafka_password),
            self.kafka_ca,
            self.kafka_certificate,
            self.kafka_key,
            self.kafka_check_hostname,
        )

    @property
    def aliases(self) -> dict[str, str]:
        """Return what other names of actions stand for. Raises InvalidSettings."""
        return with_aliases(self.action_aliases, self.action_weights)

    @property
    def placement(self) -> Placement:
        """Return how often a page departs from its ranking."""
        return Placement(self.explore_share, self.swap_share)

    @property
    def active(self) -> Active:
        """Return what applications are served from where no version was promoted."""
        return Active.first(self.version, self.mode)

    @property
    def policy_options(self) -> PolicyOptions:
        """Return the part that policies read."""
        return PolicyOptions(self.price_weight, self.exploration, self.greed, noise=self.noise, caution=self.caution)

    def learning(self, strategies: Mapping[str, Arm]) -> Learning:
        """Return the learner's settings. strategies: by name, all that exist."""
        unknown = [arm for arm in self.arms if arm not in strategies]
        if unknown:
            raise InvalidSettings(
                f"{PREFIX}ARMS names {', '.join(unknown)}; there are: {', '.join(sorted(strategies))}"
            )
        check_regressor(self.regressor, self.policy, 1 if self.kafka is None else self.partitions)
        rules = PlanRules(
            arms=tuple(strategies[name] for name in self.arms or sorted(strategies)),
            ladder=self.ladder,
            max_calls=self.max_calls,
            max_candidates=self.max_candidates,
            price_per_call=self.price_per_call,
            price_per_candidate=self.price_per_candidate,
            explore_share=self.explore_share,
        )
        try:
            rules = with_baseline(rules, self.baseline)
        except InvalidSettings as error:
            raise InvalidSettings(f"{PREFIX}BASELINE: {error}") from None
        same = self.model_dump(include={one.name for one in fields(Learning)} - {"action_aliases"})
        names = (*CONTEXT_NAMES, *(f"{ATTRIBUTE}{name}" for name in dict.fromkeys(self.context_attributes)))
        return Learning(rules=rules, context_names=names, action_aliases=self.aliases, **same)

    def of_version(self, recorded: Mapping[str, JsonValue]) -> "Settings":
        """Return the settings of a version that was learned under `recorded` ones. Raises InvalidSettings."""
        unknown = sorted(set(recorded) - set(VERSIONED))
        if unknown:
            raise InvalidSettings(f"a version has no setting {', '.join(unknown)}; it has: {', '.join(VERSIONED)}")
        return _checked(lambda: Settings(**{**self.model_dump(), **recorded}))


def load_settings(**overrides: object) -> Settings:
    """Read the settings. Raises InvalidSettings for a bad value and for a misspelt LTRR_ variable."""
    refuse_misspelt(os.environ, Settings.model_fields)
    return _checked(lambda: Settings(**overrides))  # type: ignore[arg-type]  # pydantic checks the values


def _checked(read: Callable[[], Settings]) -> Settings:
    """Return settings, or translate what is wrong with them."""
    try:
        settings = read()
        policy_named(settings.policy)
        if settings.mode is Mode.STATIC and settings.baseline == {}:
            raise InvalidSettings(f"{PREFIX}MODE=static serves {PREFIX}BASELINE, and that is empty: name a plan in it")
        settings.kafka_security.tls()  # its files can be read
    except SettingsError as error:
        name = str(error).split('"')[1]  # the field
        raise InvalidSettings(f"{PREFIX}{name.upper()}: {_NO_JSON}") from None
    except ValidationError as error:
        problem = error.errors(include_url=False)[0]
        name = f"{PREFIX}{'.'.join(map(str, problem['loc'])).upper()}"
        said = words(problem)
        if problem["type"] == "dict_type":
            said = _NO_JSON if isinstance(problem["input"], str) else _NO_MAP
        if problem["type"] == "too_short" and isinstance(problem["input"], str):
            said = f"has to have at least {problem['ctx']['min_length']} characters, not {len(problem['input'])}"
        if problem["type"] == "path_not_file":
            said = f"there is no file {problem['input']}"
        raise InvalidSettings(f"{name}: {said}") from None
    except UnknownName as error:
        raise InvalidSettings(f"{PREFIX}POLICY: {error}") from None
    except ValueError as error:
        raise InvalidSettings(str(error)) from None
    return settings
