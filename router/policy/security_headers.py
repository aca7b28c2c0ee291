"""Headers that make browsers careful with our answers."""

from collections.abc import Mapping

from multidict import istr

from router.config.security import SecurityHeaders
from router.policy.pipeline import Policy
from router.policy.request import Request, Response


def security_headers(options: SecurityHeaders, *, tls: bool) -> Mapping[str, str]:
    """What ``security.headers`` asks for; HSTS only makes sense on an answer that came over TLS."""
    headers = {"X-Content-Type-Options": "nosniff", "Referrer-Policy": options.referrer_policy}
    if tls:
        headers["Strict-Transport-Security"] = f"max-age={int(options.hsts_max_age)}"
    return headers


class AddHeaders(Policy):
    """Adds headers to every answer that does not have them."""

    name = "security_headers"
    priority = 2800

    def __init__(self, headers: Mapping[str, str]) -> None:
        self._headers = tuple((istr(name), value) for name, value in headers.items())

    def on_response(self, _request: Request, response: Response, /) -> None:
        """Add what is missing."""
        for name, value in self._headers:
            response.headers.setdefault(name, value)
