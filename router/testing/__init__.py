"""What authors of plugins test them with: a gateway in the process of the test.

::

    async with RouterTester({"plugins": [...]}, subgraphs={"users": FakeSubgraph(sdl, answer=...)}) as router:
        response = await router.query("{ me { name } }")
        router.clock.advance(60)

See ``RouterTester`` for what can be asked, ``FakeSubgraph`` and ``FakeService`` for what can be answered.
"""

from router.testing.clock import Clock
from router.testing.response import RouterResponse
from router.testing.services import FakeService, ServiceAwayError, ServiceRequest, ServiceResponse
from router.testing.subgraphs import FakeSubgraph, SubgraphRequest
from router.testing.tester import RouterTester
from router.testing.verdicts import Verdict

__all__ = [
    "Clock",
    "FakeService",
    "FakeSubgraph",
    "RouterResponse",
    "RouterTester",
    "ServiceAwayError",
    "ServiceRequest",
    "ServiceResponse",
    "SubgraphRequest",
    "Verdict",
]
