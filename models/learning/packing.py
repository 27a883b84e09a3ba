"""Open pages in few bytes: what a page needs only when it is acted on waits compressed."""

import pickle
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any, Final, Protocol, Self

import numpy as np
from backports import zstd

from ltrr.models.baseline.page import BaselinePage
from ltrr.models.ranking.layout import RankerLayout
from ltrr.models.records.impression import Candidate, Decision, Impression, PageKind
from ltrr.models.rewards.call_history import LOGGED, history_names
from ltrr.models.rewards.credit import PageCredit
from ltrr.models.state.learning import Learning
from ltrr.models.statistics.least_squares import Array

LOOSE: Final = 500
"""Pages that are left as they are, some 10 MB: most that is done on a page is done soon."""

_LEVEL: Final = 1  # of what more effort would save, in twice the time, nothing is left to speak of
_MILLION: Final = 1e6
_LARGEST: Final = 2.0**31 - 2
_OTHER: Final = -(2**31)
_COLUMNS: Final = ("context", "feature_names", "candidates", "decision", "kind")  # have a form of their own
_PLAIN: Final = tuple(one.name for one in fields(Impression) if one.name not in _COLUMNS)
_DECIDED: Final = tuple(one.name for one in fields(Decision))


@dataclass(slots=True)
class Parts:
    """What is known of a page beside how it stands in the join table; see Page."""

    impression: Impression
    looks: Mapping[str, float]
    credit: PageCredit | None = None
    expected: Mapping[str, float] = field(default_factory=dict)
    beside: BaselinePage | None = None
    called: Mapping[str, Array] = field(default_factory=dict)


class Packed(Protocol):
    """What can be packed again when it is not needed any more."""

    def pack(self) -> None:
        """Wait in few bytes."""
        ...


class Packing:
    """Turns the parts of pages into bytes and back, bit for bit; names that many pages share are not in the bytes.

    Candidates come back without scores, estimates and features that are not there: none of their actions reads these.
    context_names, feature_names: of the pages of this version; others are kept with their page.
    loose: pages that are unpacked, the first of them longest. most: so many stay so.
    """

    def __init__(self, context_names: Sequence[str], feature_names: tuple[str, ...], most: int = LOOSE) -> None:
        self._context_names = tuple(context_names)
        self._places = {name: place for place, name in enumerate(self._context_names)}
        self._feature_names = feature_names
        self._usual: zstd.ZstdDict | None = None  # the first page that has all parts: others are much like it
        self._packer = zstd.ZstdCompressor(_LEVEL)
        self.loose: deque[Packed] = deque()
        self.most = most

    @classmethod
    def of(cls, learning: Learning) -> Self:
        """Return the packing of the pages of a version."""
        names = (*learning.context_names, *history_names(learning.rules.names))
        return cls(names, RankerLayout.of(learning.rules).names)

    def settle(self) -> None:
        """Pack the pages that have been unpacked for longest."""
        while len(self.loose) > self.most:
            self.loose.popleft().pack()

    def write(self, parts: Parts) -> bytes:
        """Return the bytes of a page."""
        impression, credit, shown = parts.impression, parts.credit, parts.impression.candidates
        decision = impression.decision and bare(impression.decision)
        context = impression.context if credit is None else credit.context  # a kept page has it there alone
        known = [(self._places[name], value) for name, value in context.items() if name in self._places]
        features = np.array([one.features for one in shown], dtype=np.float64).T.ravel()
        written = (
            tuple(getattr(impression, name) for name in _PLAIN),
            impression.kind.value,
            decision and tuple(getattr(decision, name) for name in _DECIDED),
            np.array([place for place, _ in known], dtype=np.uint16).tobytes(),
            {name: value for name, value in context.items() if name not in self._places},
            None if impression.feature_names == self._feature_names else impression.feature_names,
            [(one.object_id, one.position, one.explored) for one in shown],
            None if parts.looks == impression.looks() else dict(parts.looks),
            None if credit is None else _written(credit),
            dict(parts.expected),
            parts.beside,
            tuple(parts.called),
            _packed(np.concatenate([[value for _, value in known], features, *parts.called.values()])),
        )
        data = pickle.dumps(written, pickle.HIGHEST_PROTOCOL)
        packed = self._packer.compress(data, zstd.ZstdCompressor.FLUSH_FRAME)
        if credit is not None and self._usual is None:
            self._usual = zstd.ZstdDict(data, is_raw=True)
            self._packer = zstd.ZstdCompressor(_LEVEL, zstd_dict=self._usual)
        return packed

    def read(self, data: bytes) -> Parts:
        """Return the page of its bytes."""
        unpacked = zstd.decompress(data, zstd_dict=self._usual)  # which bytes that were made without it do not mind
        written = pickle.loads(unpacked)  # noqa: S301  # never from outside: `write` made it
        plain, kind, decided, places, context, names, shown, looks, credit, expected, beside, arms, packed = written
        names = self._feature_names if names is None else names
        at = np.frombuffer(places, np.uint16).tolist()
        known, features, called = np.split(_unpacked(packed), np.cumsum([len(at), len(names) * len(shown)]))
        context.update(zip(map(self._context_names.__getitem__, at), known.tolist(), strict=True))
        given = features.astype(object)
        given[np.isnan(features)] = None
        rows = given.reshape(len(names), len(shown)).T.tolist()
        impression = Impression(
            **dict(zip(_PLAIN, plain, strict=True)),
            kind=PageKind(kind),
            decision=decided and Decision(*decided),
            context=context,
            feature_names=names,
            candidates=tuple(
                Candidate(
                    object_id,
                    position=position,
                    explored=explored,
                    features=tuple(row),
                )
                for (object_id, position, explored), row in zip(shown, rows, strict=True)
            ),
        )
        return Parts(
            impression,
            impression.looks() if looks is None else looks,
            None if credit is None else _read(credit, context),
            expected,
            beside,
            dict(zip(arms, called.reshape(len(arms), len(LOGGED)), strict=True)),
        )


def bare(decision: Decision) -> Decision:
    """Return a decision without what was decided of each arm."""
    return replace(decision, arms=(), ladder=(), levels=(), probabilities=())


def _packed(values: Array) -> tuple[bytes, bytes]:
    """Return numbers as whole millionths, which is what most are logged as, and beside them those that are others."""
    millionths = np.rint(np.clip(np.nan_to_num(values * _MILLION), -_LARGEST, _LARGEST)).astype(np.int32)
    others = (millionths / _MILLION).view(np.int64) != values.view(np.int64)  # a zero has a sign, too
    return np.where(others, np.int32(_OTHER), millionths).tobytes(), values[others].tobytes()


def _unpacked(packed: tuple[bytes, bytes]) -> Array:
    """Return numbers that were packed, bit for bit."""
    millionths = np.frombuffer(packed[0], np.int32)
    values = millionths / _MILLION
    values[millionths == _OTHER] = np.frombuffer(packed[1])
    return np.asarray(values)


def _written(credit: PageCredit) -> tuple[Any, ...]:
    """Return a credit as plain values, without its context, which is the page's."""
    meta, arrays = credit.pack()
    del meta["context"]
    return meta, [(array.shape, array.tobytes()) for array in arrays]


def _read(written: tuple[Any, ...], context: Mapping[str, float]) -> PageCredit:
    """Return what was written of a credit."""
    meta, arrays = written
    copies = [np.frombuffer(data).reshape(shape).copy() for shape, data in arrays]  # they are written to
    return PageCredit.unpack({**meta, "context": context}, copies)
