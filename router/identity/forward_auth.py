"""Another service decides who calls: the authenticator ``forward_auth``.

request ──▶ credential headers ──▶ service ──▶ 2xx: Identity · 401 · 403 · away: 503
                                   ▲ asked by GET, with the headers that the configuration lists
"""

import hashlib
import logging
from collections.abc import Awaitable, Callable, Mapping

from multidict import CIMultiDict, CIMultiDictProxy

from router.config.authentication import ForwardAuthSection
from router.errors import AuthenticationUnavailableError, DeniedError, ForbiddenError
from router.identity.authenticator import Presented
from router.identity.identity import Identity
from router.identity.remembered import Remembered

_log = logging.getLogger(__name__)

Ask = Callable[[str, Mapping[str, str], float], Awaitable[tuple[int, CIMultiDictProxy[str]]]]
"""GET a URL with headers, within so many seconds: status and headers; raises ``OSError``, ``TimeoutError`` with it."""

_REMEMBERED = 10_000


async def cannot_ask(
    url: str, _headers: Mapping[str, str], _timeout_seconds: float
) -> tuple[int, CIMultiDictProxy[str]]:
    """The ``Ask`` of a gateway without network."""
    raise OSError(f"no network to ask {url}")


class ForwardAuth:
    """An ``Authenticator``.

    Args:
        clock: Monotonic seconds.
    """

    name = "forward_auth"
    challenge = "Bearer"

    def __init__(self, section: ForwardAuthSection, *, ask: Ask, clock: Callable[[], float]) -> None:
        self._section = section
        self._ask = ask
        self._known: Remembered[bytes, Identity] = Remembered(seconds=section.ttl, limit=_REMEMBERED, clock=clock)
        self.credential_headers = frozenset(name.lower() for name in section.request_headers)

    async def authenticate(self, presented: Presented) -> Identity | None:
        """Whom the service names.

        Raises ``DeniedError`` (401), ``ForbiddenError`` (403) and ``AuthenticationUnavailableError`` (503).
        """
        headers = _credentials(presented, self._section.request_headers)
        if not headers:
            return None
        key = hashlib.sha256("\0".join(f"{name}\1{value}" for name, value in headers.items()).encode()).digest()
        known = self._known.get(key)
        if known is not None:
            return known
        self._add_place(presented, headers)
        try:
            status, answer = await self._ask(self._section.url, headers, self._section.timeout)
        except OSError as error:
            self._unavailable(str(error) or type(error).__name__)
            return None
        if status == 401:
            raise DeniedError
        if status == 403:
            raise ForbiddenError
        if not 200 <= status < 300:
            self._unavailable(f"the answer has status {status}")
            return None
        identity = self._identity(answer)
        self._known.put(key, identity)
        return identity

    async def work(self) -> None:
        """Nothing to do."""

    async def close(self) -> None:
        """Nothing is held."""

    def _add_place(self, presented: Presented, headers: CIMultiDict[str]) -> None:
        # What reverse proxies tell such services, so that it can decide by the place too.
        query = f"?{presented.query_string}" if presented.query_string else ""
        headers["X-Forwarded-Method"] = presented.method
        headers["X-Forwarded-Uri"] = f"{presented.path}{query}"
        headers["X-Forwarded-For"] = presented.peer_ip

    def _unavailable(self, detail: str) -> None:
        _log.error("authentication service failed", extra={"url": self._section.url, "detail": detail})
        if self._section.on_error == "503":
            raise AuthenticationUnavailableError

    def _identity(self, answer: CIMultiDictProxy[str]) -> Identity:
        section = self._section
        consumer = answer.get(section.id_header)
        if not consumer:
            _log.error("authentication service names nobody", extra={"header": section.id_header})
            raise AuthenticationUnavailableError
        claims = {name.lower(): answer[name] for name in section.response_headers if name in answer}
        return Identity(
            id=consumer,
            method=self.name,
            plan=answer.get(section.plan_header),
            scopes=frozenset(answer.get(section.scopes_header, "").split()),
            claims=claims,
        )


def _credentials(presented: Presented, names: tuple[str, ...]) -> CIMultiDict[str]:
    found: CIMultiDict[str] = CIMultiDict()
    for name in names:
        for value in presented.headers.getall(name, []):
            found.add(name, value)
    return found
