"""One page of an answer: what is shown where, and with which chance."""

import math
from dataclasses import replace
from typing import Final

import numpy as np
from msgspec import structs
from numpy.typing import NDArray

from ltrr.models.plans.placement import Placement, Reserve
from ltrr.models.records.impression import Impression
from ltrr.serving.decisions.modes import PolicyState
from ltrr.serving.search.answering import Answer
from ltrr.serving.search.messages import SearchRequest

_STILL = Placement(slot_share=0.0, swap_share=0.0)
_CLEARLY: Final = 0.25
_NAMED: Final = 0.8  # of a name, said as it was typed or in another way; less is only nearly one


class Showing:
    """Cuts pages from answers. placement: how often a first page departs from the ranking."""

    def __init__(self, state: PolicyState, placement: Placement) -> None:
        self._state = state
        self._placement = placement

    def page(self, answer: Answer, request: SearchRequest, now_s: float) -> Impression:
        """Return the impression of the page that a request asks for."""
        whole, page, size = answer.impression, request.page, request.size
        first, count = (page - 1) * size, answer.union.ranked
        chances, reserve = (_STILL if answer.still else self._placement), answer.reserve
        if not answer.still and _is_named(answer, size):
            chances, reserve = replace(chances, slot_share=0.0), Reserve()
        if not answer.still and _is_clear(answer):
            chances = replace(chances, swap_share=0.0)
        placement = chances.possible(count, size, reserve)
        order = placement.order(count, size, np.random.default_rng([answer.query.seed, 1]), reserve)
        shown = {row: first + place + 1 for place, row in enumerate(order[first : first + size])}
        candidates = tuple(
            structs.replace(
                candidate,
                position=shown[row],
                explored=page == 1 and row >= min(count, size),
                features=_known(answer.union.raw[row]),
            )
            if row in shown
            else candidate
            for row, candidate in enumerate(whole.candidates)
            if row in shown or whole.decision is not None
        )
        learned = self._state.serving(whole.application).state.application(whole.application)
        return replace(
            whole,
            page=page,
            page_size=size,
            time_s=now_s,
            candidates=candidates,
            unlearned=answer.union.unlearned[:size] if page == 1 else (),
            curve=learned.positions.curve.places(first, size),
            slot_share=placement.slot_share,
            swap_share=placement.swap_share,
            learn=whole.learn and request.learn,
        )


def _is_named(answer: Answer, size: int) -> bool:
    """Tell whether the first candidate is what the query names, and not all of the page are: nothing else is meant."""
    whole = _match(answer, "whole")[: min(answer.union.ranked, size)]
    return whole.size > 0 and bool(whole[0] >= _NAMED and (whole.size < size or whole.min() < _NAMED))


def _is_clear(answer: Answer) -> bool:
    """Tell whether the first candidate answers clearly more of the query than the next: it is worth its place."""
    if answer.union.ranked < 2:  # noqa: PLR2004  # a pair
        return False
    whole, words = _match(answer, "whole")[:2], _match(answer, "words")[:2]
    named = whole[0] >= _NAMED and whole[0] > whole[1]
    return bool(named or words[0] - words[1] >= _CLEARLY)


def _match(answer: Answer, name: str) -> NDArray[np.float64]:
    """Return a feature of how far candidates match, in their order; 0 where it is missing."""
    return np.nan_to_num(answer.union.raw[:, answer.impression.feature_names.index(f"match.{name}")])


def _known(features: NDArray[np.float64]) -> tuple[float | None, ...]:
    """Return features as they are logged: None for what is missing."""
    return tuple([None if math.isnan(value) else value for value in features.tolist()])
