"""How Elasticsearch is reached, and its errors as ours."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from elastic_transport import TransportError
from elasticsearch import ApiError, AsyncElasticsearch, JsonSerializer, OrjsonSerializer

from ltrr.models.errors import EngineFailed, InvalidSettings
from ltrr.retrievers.engines.addresses import ElasticsearchAddress
from ltrr.retrievers.engines.base import TEXT

SERIALIZER: Final = OrjsonSerializer()
_CONNECTIONS: Final = 32


def connect(
    address: ElasticsearchAddress, deadline_s: float, serializer: JsonSerializer = SERIALIZER
) -> AsyncElasticsearch:
    """Return a client that connects at the first request. Raises InvalidSettings where the address is none."""
    given: dict[str, Any] = {}
    if address.api_key is not None:
        given["api_key"] = address.api_key
    elif address.user is not None:
        given["basic_auth"] = (address.user, address.password or "")
    if address.ca is not None:
        given["ca_certs"] = str(address.ca)
    try:
        return AsyncElasticsearch(
            [url.strip() for url in address.urls.split(",")],
            request_timeout=deadline_s,
            max_retries=1,
            retry_on_timeout=False,
            connections_per_node=_CONNECTIONS,
            serializer=serializer,
            **given,
        )
    except (ValueError, TypeError, OSError) as error:
        raise InvalidSettings(f"LTRR_ELASTICSEARCH={address.urls} cannot be used: {error}") from error


def said(error: Any) -> str:  # noqa: ANN401  # a part of a JSON body
    """Return what Elasticsearch said, and what to do where that is known."""
    kind = error.get("type") if isinstance(error, dict) else None
    reason = error.get("reason") if isinstance(error, dict) else error
    if kind == "index_not_found_exception":
        return f"{reason}: `ltrr worker` makes it; are LTRR_ELASTICSEARCH and LTRR_ELASTICSEARCH_INDEX set for it too?"
    return str(reason)


@contextmanager
def translated() -> Iterator[None]:
    """Raise EngineFailed for what the client raises."""
    try:
        yield
    except ApiError as error:
        told = error.body.get("error", error.body) if isinstance(error.body, dict) else error.message
        raise EngineFailed(TEXT, f"Elasticsearch refused ({error.status_code}): {said(told)}") from error
    except TransportError as error:
        why = error.message.replace(" ssl:default", "")  # aiohttp says so of connections without TLS, too
        raise EngineFailed(TEXT, f"Elasticsearch does not answer ({why}); is it running?") from error
