"""Ask a server of this machine over HTTP."""

import http.client
from typing import Final

from deploy.local import ports

_ANSWER_S: Final = 2.0
_OK: Final = 200


def get(port: int, path: str) -> bytes | None:
    """Return the body of an answer 200; None for another one, and for none within 2 s. No proxy is asked."""
    connection = http.client.HTTPConnection(ports.HOST, port, timeout=_ANSWER_S)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        body = answer.read()
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()
    return body if answer.status == _OK else None
