"""The algebra's terms."""

import pytest

from ltrr.retrievers.requests.requests import Sum, Term, VectorRequest, facet, facets, weighted


def test_facets_are_normalised_and_sorted() -> None:
    """Filters that mean the same are the same request, however they are written and ordered."""
    assert facets({"type": ("Song",), "genre": ("Nu-Jazz", "soul")}) == (
        (facet("genre", "nu jazz"), facet("genre", "SOUL")),
        (facet("type", "song"),),
    )


def test_weighted_covers_all_steps() -> None:
    """A weighted value is ten constant terms, of which an entity has one; the largest scores the whole weight."""
    clause = weighted("genre", "soul", 2.0)
    assert isinstance(clause, Sum)
    weights = [term.weight for term in clause.clauses if isinstance(term, Term)]
    assert len(weights) == 10
    assert weights == sorted(weights)
    assert weights[-1] == 2.0


def test_only_dense_vectors_are_given_as_numbers() -> None:
    """A given vector is a dense one; what is sparse is asked for by text."""
    assert VectorRequest((0.5, 0.5), "default", 5).using == "dense"
    with pytest.raises(ValueError, match="give a text for sparse"):
        VectorRequest((0.5, 0.5), "default", 5, using="sparse")
