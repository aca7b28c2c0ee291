"""What authors of plugins import: a plugin is a policy like those that the gateway brings.

::

    class AuditLog(Plugin):
        priority = 1500

        class Options(PluginOptions):
            sink: Literal["stdout", "stderr"] = "stdout"

        def __init__(self, options: Options) -> None:
            self.options = options

        async def on_request(self, request: Request) -> Response | None:
            if "x-forbidden" in request.headers:
                raise ForbiddenError("Not with this header")
"""

from router.config.section import Section as PluginOptions
from router.errors import ClientError, ForbiddenError, RequestError, UnauthenticatedError
from router.executor.outcome import FetchAnswer, FetchFailure, FetchOutcome
from router.identity.identity import Identity
from router.plugins.plugin import Plugin
from router.policy.request import Request, Response
from router.policy.subgraph_call import SubgraphCall

__all__ = [
    "ClientError",
    "FetchAnswer",
    "FetchFailure",
    "FetchOutcome",
    "ForbiddenError",
    "Identity",
    "Plugin",
    "PluginOptions",
    "Request",
    "RequestError",
    "Response",
    "SubgraphCall",
    "UnauthenticatedError",
]
