"""The simulated listeners."""

from collections import Counter, defaultdict
from itertools import pairwise

import numpy as np
import pytest

from ltrr.models.records.entity import Entity
from ltrr.models.text import normalise, tokenise
from ltrr.serving.demo.music.catalogue import catalogue
from ltrr.serving.demo.people.epoch import DAY_S, START_S
from ltrr.serving.demo.people.listeners import MIX, Listeners, rhythm
from ltrr.serving.demo.people.request import Request

ENTITIES = catalogue(np.random.default_rng(1), artists=100)
COUNT = 3000


def stream(seed: int, count: int = COUNT, entities: tuple[Entity, ...] = ENTITIES) -> list[Request]:
    """Return the first requests of a seed."""
    listeners = Listeners(np.random.default_rng(seed), entities)
    return [listeners.next() for _ in range(count)]


@pytest.fixture(scope="module")
def requests() -> list[Request]:
    """Draw one long stream."""
    return stream(2)


def of_kind(requests: list[Request], kind: str) -> list[Request]:
    """Return the requests of one intent."""
    return [request for request in requests if request.kind == kind]


def test_a_seed_gives_one_stream():
    """The same seed asks the same, byte for byte; another seed does not."""
    first, again, other = (repr(stream(seed, 200)) for seed in (2, 2, 3))
    assert first == again != other


def test_relevance_refers_to_entities_in_range(requests: list[Request]):
    """Every relevant id is in the catalogue, with a grade in (0, 1], and someone can always be pleased."""
    ids = {entity.object_id for entity in ENTITIES}
    for request in requests:
        assert request.text == request.text.strip() != ""
        assert ids.issuperset(request.relevance)
        assert all(0.0 < value <= 1.0 for value in request.relevance.values())
    assert sum(not request.relevance for request in requests) < 0.01 * len(requests)


def test_kinds_follow_the_mix(requests: list[Request]):
    """Shares are those of the mix, which sums to 1."""
    counts = Counter(request.kind for request in requests)
    assert sum(MIX.values()) == pytest.approx(1.0)
    for kind, share in MIX.items():
        assert counts[kind] / COUNT == pytest.approx(share, abs=0.025)


def test_a_mix_can_be_given():
    """A mix of one kind asks nothing else."""
    listeners = Listeners(np.random.default_rng(2), ENTITIES, mix={"hits": 1.0})
    assert {listeners.next().kind for _ in range(20)} == {"hits"}


def test_topics_have_dozens_and_names_a_handful(requests: list[Request]):
    """Relevance is wide for topics, graded, and narrow for names."""
    sizes = {kind: np.mean([len(r.relevance) for r in of_kind(requests, kind)]) for kind in MIX}
    assert sizes["phrase"] > 20
    assert sizes["artist"] < 15
    assert sizes["song"] < 5
    assert all(len(set(r.relevance.values())) > 5 for r in of_kind(requests, "phrase"))


def test_misspelt_and_partial_names_are_no_names(requests: list[Request]):
    """A typo is hardly ever a name; a partial name begins one."""
    names = {normalise(entity.name) for entity in ENTITIES}
    typos = of_kind(requests, "artist_typo")
    assert sum(request.text in names for request in typos) < 0.1 * len(typos)
    assert all(any(name.startswith(r.text) for name in names) for r in of_kind(requests, "artist_partial"))


def test_ambiguous_words_mean_different_things_to_listeners(requests: list[Request]):
    """One word has several readings at once, graded differently by listeners."""
    readings = defaultdict(set)
    for request in of_kind(requests, "ambiguous"):
        assert {i.split(":")[0] for i in request.relevance} >= {"artist", "song"}
        readings[request.text].add(tuple(sorted(request.relevance.items())))
    assert all(len(found) > 5 for found in readings.values())


def test_sayings_repeat_and_share_what_they_mean(requests: list[Request]):
    """A head saying is typed by many users, who agree on one song and differ on the rest."""
    sayings = of_kind(requests, "saying")
    (text, count), *_ = Counter(request.text for request in sayings).most_common(1)
    head = [request for request in sayings if request.text == text]
    assert count > 0.1 * len(sayings)
    assert len({request.user_id for request in head}) > 10
    shared = set.intersection(*(set(request.relevance) for request in head))
    assert any(min(request.relevance[i] for request in head) >= 0.8 for i in shared)
    assert len({tuple(request.relevance.items()) for request in head}) > 5


def test_sayings_name_nothing(requests: list[Request]):
    """No saying can be read off a name: its hint is no word of any."""
    words = {word for entity in ENTITIES for word in tokenise(entity.name)}
    assert all(not set(tokenise(r.text)) & (words - {"and", "of", "the"}) for r in of_kind(requests, "saying"))


def test_new_releases_are_recent(requests: list[Request]):
    """Nobody who asks for what is new wants what is a year old."""
    created = {entity.object_id: entity.created_s or 0.0 for entity in ENTITIES}
    for request in of_kind(requests, "new"):
        assert all(START_S - created[i] < 100 * DAY_S for i in request.relevance)


def test_time_advances_with_day_and_night(requests: list[Request]):
    """Times grow from the start of 2026, at about the mean gap; evenings are busier than mornings."""
    times = [START_S, *(request.time_s for request in requests)]
    assert all(before < after for before, after in pairwise(times))
    assert rhythm(START_S + 20 * 3600) > 3 * rhythm(START_S + 8 * 3600)
    assert np.mean([rhythm(START_S + hour * 3600) for hour in range(24)]) == pytest.approx(1.0)
