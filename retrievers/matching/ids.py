"""Ids that a query is, or that stand among its words."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ltrr.models.statistics.least_squares import Array
from ltrr.models.text import has_digit
from ltrr.retrievers.documents.documents import is_telling, possible_ids

if TYPE_CHECKING:
    from ltrr.retrievers.matching.texts import Texts

Codes = list[frozenset[str]]
Marks = NDArray[np.bool_]


def asked_for(wholes: Sequence[str], texts: Sequence["Texts"]) -> tuple[str, Codes, Codes]:
    """Return which way to spell a query is compared as a whole, and the codes, and names and codes, of each text.

    What one of them is, or has for a value, as it was typed ("12"), others are not but for leading zeros ("012").
    wholes: as `spelt` has them.
    """
    if len(wholes) == 1 and not any(one.unpadded for one in texts):
        return wholes[0], [one.codes for one in texts], [one.whole for one in texts]
    exact = [one.whole.difference(one.unpadded) if one.unpadded else one.whole for one in texts]
    if any(wholes[0] in called for called in exact) or _is_value(wholes[0], texts):
        return wholes[0], [called & one.codes for called, one in zip(exact, texts, strict=True)], exact
    whole = next((way for way in wholes if any(way in one.whole for one in texts)), wholes[0])
    return whole, [one.codes for one in texts], [one.whole for one in texts]


def ids_of(tokens: Sequence[str], typed: Iterable[str], whole: str, texts: Sequence["Texts"]) -> tuple[Marks, Marks]:
    """Return which tokens are an id of each text, and which mean the text whose id they are.

    Those do that have digits, or are the whole query. A part of an id is none; one with other leading zeros is where
    no id or value has these. Where all that is asked is a bare number, or has no digits, it is as much what is called
    so. typed: as
    `possible_ids` has it; whole: all of the query, see `asked_for`. Shapes (tokens, texts), (tokens, 1).
    """
    owned = np.zeros((len(tokens), len(texts)), dtype=bool)
    meant = np.zeros((len(tokens), 1), dtype=bool)
    exact, others = defaultdict[str, list[int]](list), defaultdict[str, list[int]](list)
    for column, text in enumerate(texts):
        for one in text.codes if is_telling(whole) else text.whole:
            (others if one in text.unpadded else exact)[one].append(column)
    holders = others | exact
    longest_first = sorted(possible_ids(tokens, typed), key=lambda found: found[0] - found[1])
    for first, end, one in longest_first:
        if one not in holders or owned[first:end].any():
            continue
        if one not in exact and _is_value("".join(tokens[first:end]), texts):
            continue
        owned[first:end, holders[one]] = True
        if has_digit(one) or end - first == len(tokens):
            meant[first:end] = True
            owned[first:end] |= [not has_digit(one) and tuple(tokens) in text.names for text in texts]
    return owned, meant


def _is_value(asked: str, texts: Sequence["Texts"]) -> bool:
    """Tell whether a text has a value that is this without its spaces."""
    return any("".join(words) == asked for one in texts for words in one.values)


def weigh_ids(weights: Array, owned: Marks, unknown: Sequence[bool]) -> None:
    """Let words that are in no text but are an id say as much as all others: who types one means what has it.

    weights: of the words, changed in place; owned: see `ids_of`; unknown: which words are in no text.
    """
    ids = np.flatnonzero(owned.any(axis=1) & np.array(unknown))
    if len(ids):
        weights[ids] = max(1.0, np.delete(weights, ids).sum() / len(ids))
