"""Keys of `ltrr.entities`: an object id, for tenants that share object ids with the tenant before it."""

from collections.abc import Sequence
from typing import Final

from ltrr.models.records.entity import Place

_SEPARATOR: Final = "\x1f"


def encode_entity_key(place: Place, applications: Sequence[str]) -> bytes:
    """Return the key of an entity: its object id alone where it belongs to the first tenant."""
    if place.application == applications[0]:
        return place.object_id.encode()
    return f"{place.application}{_SEPARATOR}{place.object_id}".encode()


def decode_entity_key(key: bytes, applications: Sequence[str]) -> list[Place]:
    """Return what a key stands for: an object id without a tenant stands for that of all tenants."""
    application, separator, object_id = key.decode(errors="replace").partition(_SEPARATOR)
    if separator:
        return [Place(application, object_id)]
    return [Place(one, application) for one in applications]
