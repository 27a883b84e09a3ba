"""Rankers trained in batches: records on `ltrr.policy` under ranker/version/application, files in embedded mode."""

import hashlib
import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple
from urllib.parse import quote, unquote

from pydantic import JsonValue

from ltrr.models.errors import InvalidInput, SnapshotMismatch
from ltrr.streams.events.topics import Topic

KIND: Final = "lambdamart"
_FORMAT: Final = 1
_KEY: Final = "ranker"
_ENVELOPE: Final = 64 * 1024  # of a Kafka message: key, headers, batch


class RankerKey(NamedTuple):
    """Which version serves which application with a ranker."""

    version: str
    application: str

    @property
    def kind(self) -> str:
        """Return what its record is called."""
        return _KEY

    @property
    def name(self) -> str:
        """Return what its record is about."""
        return f"{self.version}, application {self.application}"

    def encode(self) -> bytes:
        """Return the Kafka key."""
        return f"{_KEY}/{self.version}/{quote(self.application, safe='')}".encode()


def decode_ranker(raw: bytes) -> RankerKey | None:
    """Return which ranker a Kafka key is about, None for records of other kinds."""
    try:
        kind, version, application = raw.decode().split("/")
    except ValueError:
        return None
    return RankerKey(version, unquote(application)) if kind == _KEY else None


@dataclass(frozen=True, slots=True)
class TrainedRanker:
    """A ranker that was trained in batches. model: its weights as text; names: of its features, in their order.

    facts: on what it was trained, and how good it was found.
    """

    model: str
    names: tuple[str, ...]
    facts: Mapping[str, JsonValue] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Return what it is called: the same weights have the same name."""
        return f"{KIND}-{hashlib.sha256(self.model.encode()).hexdigest()[:8]}"

    def pack(self) -> bytes:
        """Return its record. Raises InvalidInput where that is larger than the topic takes."""
        content = {"format": _FORMAT, "kind": KIND, "names": self.names, "facts": self.facts, "model": self.model}
        record = zlib.compress(json.dumps(content).encode(), 9)
        most = int(Topic.POLICY.kind.settings["max.message.bytes"].value) - _ENVELOPE
        if len(record) > most:
            message = f"the trained ranker has {len(record)} bytes, and {Topic.POLICY} takes {most}"
            raise InvalidInput(f"{message}: train fewer trees, with fewer leaves")
        return record

    @classmethod
    def unpack(cls, record: bytes) -> "TrainedRanker":
        """Return what a record holds. Raises SnapshotMismatch where it is damaged or of another format."""
        try:
            content = json.loads(zlib.decompress(record))
            if (content["format"], content["kind"]) != (_FORMAT, KIND):
                raise SnapshotMismatch(f"this is no {KIND} ranker of format {_FORMAT}: train it again")
            return cls(str(content["model"]), tuple(map(str, content["names"])), dict(content["facts"]))
        except (zlib.error, ValueError, TypeError, LookupError) as error:
            raise SnapshotMismatch("the record of a trained ranker is damaged: train it again") from error
