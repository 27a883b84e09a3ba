"""Seals: what tells a page that this installation has logged, or vouched for, from one that anybody wrote."""

import hmac
import re
from collections.abc import Sequence
from typing import Final

from ltrr.streams.events.codec import Raw, refuse_large

_PURPOSE: Final = b"ltrr: seal of a page"
_DIGITS: Final = 32
_SEAL: Final = re.compile(rb',"ltrr_seal":"([0-9a-f]{%d})"}\s*\Z' % _DIGITS)


class Seals:
    """Makes and checks seals: 128 bits of HMAC-SHA256 over all bytes of an event, as its last field.

    A query id alone is handed to whoever searches, so that it cannot vouch for what is said of its page; and where the
    page is sealed, so is the id, on which actions rest. secrets: of the installation; the first one seals, all of them
    are accepted, so that what was sealed before a change of secrets stays so.
    """

    def __init__(self, secrets: Sequence[bytes]) -> None:
        self._keys = [hmac.digest(secret, _PURPOSE, "sha256") for secret in secrets]

    def seal(self, raw: bytes) -> bytes:
        """Return a page with a seal, in place of one that it ends with. Raises InvalidEvent where it is too large."""
        said = _SEAL.sub(b"}", raw).rstrip()
        sealed = b'%s,"ltrr_seal":"%s"}' % (said[:-1], _mac(self._keys[0], said))
        refuse_large(sealed)
        return sealed

    def holds(self, raw: Raw) -> bool:
        """Tell whether a page has a seal of this installation."""
        found = _SEAL.search(raw) if isinstance(raw, bytes) else None
        if found is None or not isinstance(raw, bytes):
            return False
        said, given = raw[: found.start()] + b"}", found[1]
        return any(hmac.compare_digest(given, _mac(key, said)) for key in self._keys)


def _mac(key: bytes, said: bytes) -> bytes:
    return hmac.digest(key, said, "sha256").hex()[:_DIGITS].encode()
