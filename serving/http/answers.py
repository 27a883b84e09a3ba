"""What a service answers over HTTP, as commands and clients take it."""

from collections.abc import Mapping
from typing import Any

import httpx

from ltrr.models.errors import InvalidInput, LtrrError

_USER_ERRORS = range(400, 500)


def no_answer(url: httpx.URL, error: httpx.HTTPError) -> LtrrError:
    """Return the error for a service that cannot be reached."""
    return LtrrError(f"no answer from {url}: {str(error) or type(error).__name__}; is `ltrr serve` running there?")


def answer_of(response: httpx.Response) -> Any:  # noqa: ANN401  # JSON
    """Return the JSON of a response. Raises InvalidInput or LtrrError with the server's own words."""
    try:
        answer = response.json()
        detail = None if response.is_success else str(answer["detail"])
    except (ValueError, KeyError, TypeError):
        status, url = response.status_code, response.request.url
        raise LtrrError(f"{url} answered with {status} and no ltrr: is LTRR_URL right?") from None
    if detail is None:
        return answer
    raise InvalidInput(detail) if response.status_code in _USER_ERRORS else LtrrError(detail)


def knows(learned: Mapping[str, Mapping[str, Any]]) -> bool:
    """Tell whether anything was learned of a visitor, in any application."""
    return any(any(one.values()) for one in learned.values())


def given(**parameters: str | None) -> dict[str, str]:
    """Return the parameters that have a value."""
    return {name: value for name, value in parameters.items() if value is not None}
