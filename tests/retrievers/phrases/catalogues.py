"""Catalogues as their phrases are known."""

from ltrr.models.records.entity import Entity
from ltrr.retrievers.phrases.phrases import Phrases


def held(*entities: Entity) -> Phrases:
    """Return what is known of a catalogue."""
    phrases = Phrases()
    for entity in entities:
        phrases.add(entity)
    return phrases
