"""Cross-origin requests: which pages' scripts may read our answers.

A preflight ends here with 204. An origin that no policy names gets no ``Access-Control-…`` header, and its browser
keeps the answer to itself. ``Vary: Origin`` is always sent, so that no cache shows one origin's answer to another.
https://fetch.spec.whatwg.org/#http-cors-protocol
"""

from collections.abc import Sequence

from multidict import CIMultiDict, istr

from router.config.security import CorsPolicy
from router.policy.pipeline import PromptPolicy
from router.policy.request import Request, Response

_ORIGIN = istr("Origin")
_VARY = istr("Vary")


class Cors(PromptPolicy):
    """Answers preflights, and marks answers for the origins that may read them."""

    name = "cors"
    priority = 2400

    def __init__(self, policies: Sequence[CorsPolicy]) -> None:
        self._policies = tuple(policies)

    def decide(self, request: Request) -> Response | None:
        """Answer a preflight; let all else pass."""
        if request.method != "OPTIONS" or "access-control-request-method" not in request.headers:
            return None
        if "origin" not in request.headers:
            return None
        response = Response(status=204)
        if policy := self._policy(request):
            response.headers.update(_preflight_headers(policy, request))
        _vary(response, "Access-Control-Request-Method", "Access-Control-Request-Headers")
        return response

    def on_response(self, request: Request, response: Response) -> None:
        """Say who may read the answer."""
        _vary(response, "Origin")
        policy = self._policy(request)
        if policy is None:
            return
        response.headers["Access-Control-Allow-Origin"] = "*" if "*" in policy.origins else request.headers["origin"]
        if policy.allow_credentials:
            response.headers["Access-Control-Allow-Credentials"] = "true"
        if policy.expose_headers and request.method != "OPTIONS":
            response.headers["Access-Control-Expose-Headers"] = ", ".join(policy.expose_headers)

    def _policy(self, request: Request) -> CorsPolicy | None:
        """The first policy that names the origin of this request."""
        if _ORIGIN not in request.headers:
            return None
        origins = request.headers.getall(_ORIGIN)
        if len(origins) != 1:
            return None
        return next((policy for policy in self._policies if not {origins[0], "*"}.isdisjoint(policy.origins)), None)


def _preflight_headers(policy: CorsPolicy, request: Request) -> CIMultiDict[str]:
    allowed = ", ".join(policy.allow_headers) or request.headers.get("access-control-request-headers", "")
    headers = CIMultiDict({"Access-Control-Allow-Methods": ", ".join(policy.methods)})
    if allowed:
        headers["Access-Control-Allow-Headers"] = allowed
    if policy.max_age is not None:
        headers["Access-Control-Max-Age"] = str(int(policy.max_age))
    return headers


def _vary(response: Response, *names: str) -> None:
    """Add to ``Vary`` what is not in it."""
    if _VARY not in response.headers:
        response.headers[_VARY] = ", ".join(names)
        return
    present = [part.strip() for value in response.headers.getall(_VARY) for part in value.split(",")]
    known = {part.lower() for part in present}
    if "*" not in known:
        response.headers[_VARY] = ", ".join([*present, *(name for name in names if name.lower() not in known)])
