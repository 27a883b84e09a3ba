"""Where a request comes from."""

import ipaddress
from typing import Final

from fastapi import Request

from ltrr.serving.service.callers import Caller

_HOUSEHOLD: Final = 64
"""Bits of an IPv6 address that a household, or a server, has of its own; the others change at will."""


def caller_of(request: Request, proxies: int | None) -> Caller:
    """Return who sends a request. proxies: as the setting has them."""
    of_pages = getattr(request.state, "of_pages", None)  # None where no key is asked for
    behind_server = of_pages is False and proxies is None
    address = None if behind_server else _address(request, proxies)
    return Caller(address, known=proxies is not None, public=of_pages is True)


def _address(request: Request, proxies: int | None) -> str | None:
    """Return the address that the first of our proxies has seen; what stands before that, anybody may have written."""
    seen = ",".join(request.headers.getlist("x-forwarded-for")).split(",") if proxies else []
    peer = request.client.host if request.client else ""
    said = seen[-proxies].strip() if proxies and proxies <= len(seen) else peer
    try:
        address = ipaddress.ip_address(said)
    except ValueError:
        return None
    if address.is_loopback and proxies is None:
        return None  # a server of this machine asks for many; who tries things out is nobody else's visitor
    if isinstance(address, ipaddress.IPv6Address):
        return str(address.ipv4_mapped or ipaddress.ip_network((address, _HOUSEHOLD), strict=False))
    return str(address)
