"""Words of descriptions: rare ones say what is meant, and each may be misspelt, the last one half typed."""

import itertools
from collections.abc import Iterator

import pytest

from ltrr.models.records.entity import Entity
from tests.serving.shop import Shop, hits

SYLLABLES = ("ba", "ke", "mo", "ni", "ru", "sa", "ti", "vo")
NAMES = list(map("".join, itertools.islice(itertools.product(SYLLABLES, repeat=4), 800)))
TOOLS = [Entity(f"t{n}", "package", f"{name}-tools", description="a library") for n, name in enumerate(NAMES[:60])]
OTHERS = [Entity(f"o{n}", "package", name, description="plays some music") for n, name in enumerate(NAMES[60:])]
MEANT = Entity("meant", "package", "segyio", description="reads and writes seismic files of any size and any origin")


@pytest.fixture(scope="module")
def described() -> Iterator[Shop]:
    """Return a service of many names and few descriptions."""
    with Shop(entities=[*TOOLS, *OTHERS, MEANT], swap_share=0.0, explore_share=0.0) as shop:
        yield shop


def test_a_rare_word_of_a_description_stands_before_many_names_with_common_ones(described: Shop):
    """Who asks for seismic tools means what is seismic, though names of tools are short and many."""
    for query in ("seismic tools", "library tools seismic", "seismic library tools"):
        assert hits(described.search(query, size=3))[0] == "meant"


def test_words_of_a_description_may_be_misspelt_or_half_typed(described: Shop):
    """What is described is found in spite of mistakes, and while the last word is typed."""
    for query in ("siesmic", "seismc files", "files seis", "reads orig", "any seismic siz"):
        assert hits(described.search(query, size=3))[0] == "meant", query
