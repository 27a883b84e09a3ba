"""Query ids: issued here or not, and the seed that each one gives."""

import itertools

import pytest

from ltrr.serving.search.query_ids import QueryIds, seed_of


@pytest.fixture
def query_ids() -> QueryIds:
    """Return an issuer with a known secret."""
    return QueryIds(b"secret", map(str, itertools.count()).__next__)


def test_own_ids_are_known(query_ids: QueryIds):
    """Every issued id differs and is recognised, also by another process with the same secret."""
    issued = [query_ids.issue() for _ in range(100)]
    assert len(set(issued)) == 100
    assert all(QueryIds(b"secret", str).ours(query_id) for query_id in issued)


def test_changed_and_foreign_ids_are_not_ours(query_ids: QueryIds):
    """Any other text, and an own id with one character changed, is foreign."""
    own = query_ids.issue()
    changed = [own[:at] + chr(ord(own[at]) ^ 1) + own[at + 1 :] for at in range(len(own))]
    for foreign in [*changed, own[:-1], own + "0", own.upper() + " ", "", ".", "søk.ø", own.rpartition(".")[0]]:
        assert not query_ids.ours(foreign), foreign
    assert not QueryIds(b"another", str).ours(own)


def test_seeds_spread_and_stay():
    """A seed depends on the id alone and lies in [0, 2 ** 63)."""
    seeds = {seed_of(f"q{number}") for number in range(1000)}
    assert len(seeds) == 1000
    assert all(0 <= seed < 2**63 for seed in seeds)
    assert seed_of("q") == seed_of("q")
    assert max(seeds) > 2**62 > min(seeds)
