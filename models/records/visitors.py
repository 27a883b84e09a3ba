"""Names under which visitors are kept: keyed hashes, which nobody without the key can make or turn back."""

import hmac
from base64 import urlsafe_b64encode
from dataclasses import replace
from typing import Final, TypeVar

from ltrr.models.records.action import Action
from ltrr.models.records.impression import Impression

_PREFIX: Final = "v_"
_DIGEST_BYTES: Final = 12
_SEAL_BYTES: Final = 6
_SEAL: Final = 4 * _SEAL_BYTES // 3
_LENGTH: Final = len(_PREFIX) + 4 * _DIGEST_BYTES // 3 + _SEAL
_Event = TypeVar("_Event", bound=Impression | Action)


class Visitors:
    """Names users, clients and sessions. A name that this key has made stays as it is: naming twice is naming once.

    secret: of the installation; with another one all visitors are new. A name is 96 bits of HMAC-SHA256, and 48 more
    by which it is told from what somebody has made up.
    """

    def __init__(self, secret: bytes) -> None:
        self._key = hmac.digest(secret, b"ltrr visitors", "sha256")

    def name(self, given: str) -> str:
        """Return the name of a user, client or session."""
        return given if self.made(given) else self._named("id", given)

    def kept(self, name: str) -> str:
        """Return the name of whom a log or a state has: what has the form of a name stays, whichever key has made it.

        A secret that is not there for a while, or is another one, so does no harm to what was learned.
        """
        return name if _has_form(name) else self._named("id", name)

    def named_by_address(self, address: str, day: int) -> str:
        """Return the name, for a day, of who is known by an address alone."""
        return self._named("address", f"{day} {address}")

    def made(self, name: str) -> bool:
        """Tell whether this key has made a name."""
        return _has_form(name) and hmac.compare_digest(name[-_SEAL:], self._hash("seal", name[:-_SEAL], _SEAL_BYTES))

    def of(self, event: _Event) -> _Event:
        """Return an event of a log with names in place of ids, as `kept` has them."""
        given = event.user_id, event.client_id, event.session_id
        user, client, session = (one and self.kept(one) for one in given)
        named = (user, client, session) == given
        return event if named else replace(event, user_id=user, client_id=client, session_id=session)

    def _named(self, kind: str, text: str) -> str:
        name = _PREFIX + self._hash(kind, text, _DIGEST_BYTES)
        return name + self._hash("seal", name, _SEAL_BYTES)

    def _hash(self, kind: str, text: str, size: int) -> str:
        said = f"{kind}\0{text}".encode(errors="surrogatepass")
        return urlsafe_b64encode(hmac.digest(self._key, said, "sha256")[:size]).decode()


def _has_form(name: str) -> bool:
    return len(name) == _LENGTH and name.startswith(_PREFIX) and name.isascii()
