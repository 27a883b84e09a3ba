"""What a service answers over HTTP, as commands and clients take it."""

from collections.abc import Mapping
from typing import Any, Final

import httpx

from ltrr.models.errors import InvalidInput, LtrrError, NoAnswer, NotAllowed, NotNow, NotThere

_SHOWN: Final = 100
_NO_TLS: Final = ("WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE", "PACKET_LENGTH_TOO_LONG", "HTTP_REQUEST")
"""What OpenSSL says, by version, where plain HTTP answers."""
NO_SUCH_PATH: Final = "Not Found"
"""How it begins where there is no such path, here and at others; what else ltrr does not find it names."""

MOST_ENTITIES: Final = 16
"""Entities that are asked for at a time: their ids have to fit into an address."""

_USER_ERRORS: Final = range(400, 500)
_KINDS: Final = {401: NotAllowed, 403: NotAllowed, 404: NotThere, 409: NotNow}


def no_answer(url: httpx.URL, error: httpx.HTTPError) -> NoAnswer:
    """Return the error for a service that cannot be reached."""
    if url.scheme == "https" and any(sign in str(error) for sign in _NO_TLS):
        return NoAnswer(f"{url} speaks http, not https: give the address as {url.copy_with(scheme='http')}")
    return NoAnswer(f"no answer from {url}: {str(error) or type(error).__name__}; is `ltrr serve` running there?")


def answer_of(response: httpx.Response) -> Any:  # noqa: ANN401  # JSON
    """Return the JSON of a response.

    Raises InvalidInput, as NotAllowed, NotThere or NotNow where it is that, or LtrrError with the server's own words.
    """
    try:
        answer = response.json()
        detail = None if response.is_success else str(answer["detail"])
    except (ValueError, KeyError, TypeError):
        raise foreign(response) from None
    if detail is None:
        return answer
    if detail.startswith(NO_SUCH_PATH):
        raise foreign(response)
    if response.status_code in _USER_ERRORS:
        raise _KINDS.get(response.status_code, InvalidInput)(detail)
    raise LtrrError(detail)


def foreign(response: httpx.Response) -> LtrrError:
    """Return the error for an answer that is none of ltrr, with how it begins."""
    status, url, came = response.status_code, response.request.url, response.text.strip()
    said = repr(came[:_SHOWN]) if came else "nothing"
    asked = "is the address, or LTRR_URL, right? It goes as far as the host, or the path before /v1"
    return LtrrError(f"{url} answered with {status} and no ltrr, but {said}: {asked}")


def knows(learned: Mapping[str, Mapping[str, Any]]) -> bool:
    """Tell whether anything was learned of a visitor, in any application."""
    return any(any(one.values()) for one in learned.values())


def given(**parameters: str | None) -> dict[str, str]:
    """Return the parameters that have a value."""
    return {name: value for name, value in parameters.items() if value is not None}
