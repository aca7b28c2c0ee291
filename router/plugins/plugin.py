"""The base of every plugin."""

from router.config.section import Section
from router.policy.pipeline import Policy


class Plugin(Policy):
    """A policy of the user's own; made once per configuration with its options.

    Define any of the hooks of ``Policy``: ``on_request``, ``on_operation``, ``on_plan``, ``on_subgraph_request``,
    ``on_subgraph_response``, ``on_response``; and ``work`` and ``close``. To refuse a request raise a ``RequestError``;
    to answer it return a ``Response`` from ``on_request``: policies behind are then not asked.
    """

    class Options(Section):
        """The keys that its ``config`` may have; none unless a plugin says otherwise."""

    def __init__(self, options: Section) -> None:
        self.options = options
