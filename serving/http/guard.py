"""Lets callers in: by a key where keys are asked for, else from this machine's own pages and programs alone."""

import ipaddress
import time
from collections.abc import Callable, Collection, Sequence
from contextlib import AbstractContextManager
from typing import Annotated, Any, Final
from urllib.parse import urlsplit

from fastapi import HTTPException, Request, Security
from fastapi.security import APIKeyHeader, APIKeyQuery, HTTPAuthorizationCredentials, HTTPBearer, SecurityScopes
from pydantic import JsonValue
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Scope

from ltrr.models.errors import InvalidSettings
from ltrr.serving.access.audit import Audit
from ltrr.serving.access.keys import Key, Keys, Role
from ltrr.serving.http.refusals import JSON, kind_of, not_json
from ltrr.serving.settings.settings import Settings

LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_LOOKING: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_CORS: Final[dict[str, Any]] = {
    "allow_methods": ("GET", "POST", "PUT", "DELETE"),
    "allow_headers": ("Authorization", "Content-Type", "X-API-Key"),
    "max_age": 600,
}

_bearer = HTTPBearer(auto_error=False, description="A key of `ltrr keys create`.")
_header = APIKeyHeader(name="X-API-Key", auto_error=False, description="The same key.")
_query = APIKeyQuery(name="key", auto_error=False, description="A key that is bound to origins, of beacons.")


class Guard:
    """Decides on each request to a route that names its role.

    keys: where they are asked for, a request needs one that has the role; one that is bound to origins has to come from
    such a page. Where they are not, what changes anything has to be JSON and to come from a page of ours or of
    `origins`, or from no page at all, and the host has to be one of `hosts`: then no other page can be behind it.
    hosts: names under which this service is called; None where any may be. audit: where operators' acts are noted;
    clock: seconds since the epoch.
    """

    def __init__(
        self,
        keys: Keys,
        audit: Audit,
        clock: Callable[[], float],
        origins: Sequence[str] = (),
        hosts: Collection[str] | None = LOOPBACK,
    ) -> None:
        self.keys = keys
        self._audit = audit
        self._clock = clock
        self._origins = frozenset(origins)
        self._hosts = hosts

    def needs(self, role: Role) -> Any:  # noqa: ANN401  # a dependency of FastAPI
        """Return what a route depends on that is for this role."""
        return Security(self._check, scopes=[role])

    def noted(self, request: Request, action: str, **about: JsonValue) -> AbstractContextManager[None]:
        """Note what the caller of a request is about to do, and that it failed. Raises StorageFailed: not done then."""
        return self._audit.noted(self._clock, getattr(request.state, "caller", "local"), action, **about)

    def knows(self, scope: Scope) -> bool:
        """Tell whether a request may be let in, as far as its key tells: its body need not be read else."""
        if not self.keys.asked_for:
            return True
        request = Request(scope)
        bearer = request.headers.get("authorization", "").partition(" ")[2].strip()
        sent = (bearer, request.headers.get("x-api-key", ""), request.query_params.get("key", ""))
        return any(self.keys.holder(token) is not None for token in sent if token)

    def allows(self, origin: str) -> bool:
        """Tell whether pages of an origin may call: that is set, or the origin of a key."""
        return origin in self._origins or any(origin in key.origins for key in self.keys.all())

    async def _check(
        self,
        scopes: SecurityScopes,
        request: Request,
        bearer: Annotated[HTTPAuthorizationCredentials | None, Security(_bearer)] = None,
        header: Annotated[str | None, Security(_header)] = None,
        query: Annotated[str | None, Security(_query)] = None,
    ) -> None:
        if not self.keys.asked_for:
            self._check_keyless(request)
            return
        key = self.keys.holder(bearer.credentials if bearer else header or query or "")
        if key is None:
            sent = "there is no such key (any more)" if bearer or header or query else "this service asks for a key"
            detail = f"{sent}: send one of `ltrr keys create` as Authorization: Bearer KEY; commands take LTRR_KEY"
            raise HTTPException(401, detail, headers={"WWW-Authenticate": "Bearer"})
        self._check_key(key, frozenset(map(Role, scopes.scopes)), request, by_query=not (bearer or header))
        request.state.caller, request.state.roles, request.state.of_pages = key.name, key.roles, bool(key.origins)

    def _check_key(self, key: Key, roles: frozenset[Role], request: Request, *, by_query: bool) -> None:
        if not roles <= key.roles:
            may = ", ".join(sorted(key.roles))
            raise HTTPException(403, f"the key {key.name!r} has the roles {may}, not {', '.join(roles)}")
        if by_query and not key.origins:
            raise HTTPException(403, "a key without origins is a secret, and addresses are logged: send it in a header")
        if key.origins and request.headers.get("origin") not in key.origins:
            raise HTTPException(403, f"the key {key.name!r} is for pages of {', '.join(key.origins)} alone")

    def _check_keyless(self, request: Request) -> None:
        host = request.headers.get("host", "")
        name = urlsplit(f"//{host}").hostname
        if self._hosts is not None and name not in self._hosts:
            known = ", ".join(sorted(self._hosts))
            raise HTTPException(403, f"this service is {known}, not {name!r}: add it to LTRR_HOSTS, or make keys")
        if request.method in _LOOKING:
            return
        origin = request.headers.get("origin")
        if origin is not None and urlsplit(origin).netloc != host and origin not in self._origins:
            raise HTTPException(403, f"pages of {origin} may not do this: add it to LTRR_ORIGINS, or make a key for it")
        kind = kind_of(request)
        bare = not kind and origin is None and request.headers.get("content-length", "0") == "0"  # no page sends that
        if kind != JSON and not bare:
            raise HTTPException(415, not_json(request))  # a form of another page cannot be sent as JSON


class Cors(CORSMiddleware):
    """Cross-origin requests, from origins that are set and those of keys, as they are now."""

    def __init__(self, app: ASGIApp, allows: Callable[[str], bool]) -> None:
        super().__init__(app, **_CORS)
        self._allows = allows

    def is_allowed_origin(self, origin: str) -> bool:
        """Tell whether pages of an origin may call."""
        return self._allows(origin)


def guard_of(settings: Settings) -> Guard:
    """Return the guard that the settings ask for. Raises InvalidSettings where others would be let in unasked."""
    keys = Keys(settings.keys_path)
    beyond = not _loopback(settings.host)
    if beyond and not keys.asked_for and not settings.open:
        raise InvalidSettings(
            f"whoever reaches {settings.host} could read and change everything: make keys with `ltrr keys create`, "
            "listen on 127.0.0.1, or set LTRR_OPEN=true where something before this service lets callers in"
        )
    hosts = None if beyond else LOOPBACK | set(settings.hosts)
    return Guard(keys, Audit(settings.audit_path), time.time, settings.origins, hosts)


def _loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host in LOOPBACK
