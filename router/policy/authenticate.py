"""Who calls: asks each authenticator in turn, and puts an ``Identity`` into the request."""

from collections.abc import Sequence

from router.errors import UnauthenticatedError
from router.identity.authenticator import Authenticator
from router.jobs import work_together
from router.policy.pipeline import Policy
from router.policy.request import Request, Response


class Authenticate(Policy):
    """Sets ``request.identity``: that of the first authenticator that finds a credential.

    A request without any credential stays anonymous; a bad one ends it, even if another would have been good.

    Args:
        authenticators: In the order in which they are asked.
    """

    name = "authenticate"
    priority = 2000

    def __init__(self, authenticators: Sequence[Authenticator]) -> None:
        self._authenticators = tuple(authenticators)
        self._challenge = ", ".join(each.challenge for each in authenticators if each.challenge)

    async def on_request(self, request: Request) -> Response | None:
        """Raise what an authenticator raises."""
        for authenticator in self._authenticators:
            request.identity = await authenticator.authenticate(request)
            if request.identity is not None:
                break
        return None

    def on_response(self, _request: Request, response: Response) -> None:
        """Tell a caller without a credential which ones there are."""
        if response.status == 401 and UnauthenticatedError.code in response.error_codes and self._challenge:
            response.headers["WWW-Authenticate"] = self._challenge

    async def work(self) -> None:
        """What the authenticators do beside requests."""
        await work_together(*(authenticator.work() for authenticator in self._authenticators))

    async def close(self) -> None:
        """Close every authenticator."""
        for authenticator in self._authenticators:
            await authenticator.close()
