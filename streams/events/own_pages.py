"""Our own pages as they travel, read and written without the models, at a tenth of what these cost.

What reads here reads alike by the models. All else, such as another search's page, or ours with an id that is a number,
is left to them: they know every form, and say what is wrong.
"""

from collections.abc import Mapping
from typing import Annotated, Final, Literal

import numpy as np
from msgspec import DecodeError, Meta, Struct
from msgspec.json import Decoder, Encoder

from ltrr.models.records.entity import LONGEST_ID
from ltrr.models.records.impression import Candidate, Decision, Impression, PageKind, Probability, Shadow
from ltrr.streams.events.events import DEFAULT_APPLICATION, LONGEST_NAME
from ltrr.streams.events.timestamps import read_timestamp, write_timestamp

_Id = Annotated[str, Meta(min_length=1, max_length=LONGEST_ID)]
_Name = Annotated[str, Meta(max_length=LONGEST_NAME)]
_Ordinal = Annotated[int, Meta(ge=1)]


class _Ltrr(Struct, frozen=True, omit_defaults=True):
    """What learning needs and UBI has no field for: all but the first are fields of the impression."""

    schema_version: Literal[1]
    normalised_query: str
    page: _Ordinal = 1
    page_size: _Ordinal = 10
    client_query_id: _Id | None = None
    user_id: _Id | None = None
    session_id: _Id | None = None
    context: Mapping[str, float] = {}
    decision: Decision | None = None
    shadow: Shadow | None = None
    feature_names: tuple[str, ...] = ()
    candidates: tuple[Candidate, ...] = ()
    curve: tuple[Probability, ...] = ()
    slot_share: Probability = 0.0
    swap_share: Probability = 0.0
    latencies_ms: Mapping[str, float] = {}
    failures: tuple[str, ...] = ()
    ranker: _Name | None = None
    brought: Mapping[str, Mapping[str, float]] = {}
    fallback: tuple[str, ...] = ()
    unlearned: tuple[_Id, ...] = ()
    learn: bool = True
    engagement: Probability = 1.0
    kind: PageKind = PageKind.PAGE
    response_id: _Id | None = None
    erased: tuple[_Id, ...] = ()


class _Attributes(Struct, frozen=True):
    ltrr: _Ltrr


class _Document(Struct, frozen=True, omit_defaults=True):
    """The fields of UBI that we write; of those that we do not, what may stand in them is for the models to judge."""

    query_id: _Id
    timestamp: str
    query_attributes: _Attributes
    user_query: str = ""
    application: _Id | None = None
    client_id: _Id | None = None
    object_id_field: str | None = None
    query_response_id: _Id | None = None
    query_response_hit_ids: tuple[_Id, ...] = ()
    ltrr_voice: Probability = 1.0
    ltrr_history: bool = False
    session_id: None = None
    user_id: None = None
    action_name: None = None
    event_attributes: None = None
    query_response_object_ids: None = None
    query_response_objects_ids: None = None
    doc_ids: None = None


_FIELDS: Final = tuple(name for name in _Ltrr.__struct_fields__ if name != "schema_version")
_DOCUMENT: Final = Decoder(_Document)


def _plain(value: object) -> object:
    """Return a number or text of NumPy, as strategies of others may give, as one of Python."""
    if isinstance(value, np.generic):
        return value.item()
    raise TypeError(f"cannot write {type(value).__name__}")


_ENCODER: Final = Encoder(enc_hook=_plain)


def read(raw: bytes) -> Impression | None:
    """Read a page; None where it takes the models to read it. Raises InvalidEvent where its parts contradict."""
    try:
        document = _DOCUMENT.decode(raw)
        time_s = read_timestamp(document.timestamp)
    except (DecodeError, ValueError, RecursionError):
        return None
    ltrr = document.query_attributes.ltrr
    impression = Impression(
        query_id=document.query_id,
        time_s=time_s,
        user_query=document.user_query,
        application=document.application or DEFAULT_APPLICATION,
        client_id=document.client_id,
        voice=document.ltrr_voice,
        history=document.ltrr_history,
        **{name: getattr(ltrr, name) for name in _FIELDS},
    )
    impression.check(finite=True)
    return impression


def reads(raw: bytes) -> bool:
    """Tell whether what was written reads as a page of ours."""
    try:
        _DOCUMENT.decode(raw)
    except (DecodeError, RecursionError):
        return False
    return True


def write(impression: Impression) -> bytes:
    """Return the JSON of a page, whatever it holds; hits are the page in shown order."""
    shown = sorted((c.position, c.object_id) for c in impression.candidates if c.position is not None)
    document = _Document(
        query_id=impression.query_id,
        timestamp=write_timestamp(impression.time_s),
        user_query=impression.user_query,
        application=impression.application,
        client_id=impression.client_id,
        ltrr_voice=impression.voice,
        ltrr_history=impression.history,
        object_id_field="object_id",
        query_response_id=f"{impression.query_id}/{impression.page}",
        query_response_hit_ids=tuple([object_id for _, object_id in shown]),
        query_attributes=_Attributes(_Ltrr(1, **{name: getattr(impression, name) for name in _FIELDS})),
    )
    return _ENCODER.encode(document)
