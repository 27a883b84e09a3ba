"""The Elasticsearch index of entities: its mapping, and an entity as its document."""

from typing import Any, Final

from ltrr.models.errors import InvalidSettings
from ltrr.models.records.entity import Entity
from ltrr.retrievers.documents import documents
from ltrr.retrievers.engines.addresses import ElasticsearchAddress

_LAYOUT: Final = 11
MOST_NUMBERS: Final = 2_000
_OTHER_FIELDS: Final = 50
_LONGEST_TERM: Final = 8_191  # Lucene takes 32,766 bytes; a character has at most four


def definition(address: ElasticsearchAddress) -> dict[str, Any]:
    """Return the body that makes the index of an address."""
    analyzer = address.analyzer
    term = {"type": "keyword", "doc_values": False, "norms": False, "ignore_above": _LONGEST_TERM}
    sorted_term = {"type": "keyword", "ignore_above": _LONGEST_TERM}
    terms = [field for field in documents.TERM_FIELDS if field not in documents.LEVEL_FIELDS]
    return {
        "settings": {
            "number_of_shards": address.shards,
            "number_of_replicas": address.replicas,
            "mapping.total_fields.limit": MOST_NUMBERS + _OTHER_FIELDS,
            "refresh_interval": "500ms",  # given, so that an index which is not searched is refreshed too
        },
        "mappings": {
            "dynamic": "strict",
            "dynamic_templates": [{"numbers": {"path_match": "numbers.*", "mapping": {"type": "double"}}}],
            "_meta": _made_for(address),
            "properties": {
                "object_id": sorted_term,
                **{field: {"type": "text", "analyzer": analyzer} for field in documents.WORD_FIELDS},
                "shingles": {"type": "text", "analyzer": "whitespace"},  # each is a term, whatever words are made of
                **dict.fromkeys(terms, term),
                **dict.fromkeys(("application", "facets"), sorted_term),
                **{field: {"type": "short"} for field in documents.LEVEL_FIELDS},
                "numbers": {"type": "object", "dynamic": True},
                "version": {"type": "long", "index": False},
            },
        },
    }


def check(address: ElasticsearchAddress, found: dict[str, Any]) -> None:
    """Raise InvalidSettings where the mapping that was found is another one than `definition` makes."""
    meta, wanted = found.get("_meta"), _made_for(address)
    if meta != wanted:
        raise InvalidSettings(
            f"the Elasticsearch index {address.index} was made for {meta}, not {wanted}: run `ltrr index rebuild`, "
            "or set LTRR_ELASTICSEARCH_INDEX to another name"
        )


def document(entity: Entity, stemmer: str) -> dict[str, Any]:
    """Return what is indexed of an entity. stemmer: of the catalogue, see `stem`."""
    return {
        "object_id": entity.object_id,
        **{field: text for field, text in documents.words(entity, stemmer).items() if text},
        **{field: list(values) for field, values in documents.terms(entity).items() if values},
        **documents.levels(entity),
        "numbers": {documents.number_field(name): list(held) for name, held in documents.numbers(entity).items()},
        "version": entity.version,
    }


def _made_for(address: ElasticsearchAddress) -> dict[str, Any]:
    return {"layout": _LAYOUT, "analyzer": address.analyzer, "stemmer": address.stemmer}
