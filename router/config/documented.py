"""Keys of the product's configuration that this version does not have yet.

They are refused like unknown keys, but told apart from typing mistakes. ``*`` stands for one key or index. A key that
gets its section leaves this list; a test asserts that no entry is a key that the model knows.
"""

from router.config.document import KeyPath

NOT_YET: tuple[str, ...] = (
    "admin",
    "apq",
    "authentication.subgraph",
    "batching",
    "file_uploads",
    "forbid_mutations",
    "health_check.readiness",
    "homepage",
    "mcp",
    "persisted_queries",
    "progressive_override",
    "response_cache",
    "rest.openapi",
    "rest.routes.*.cache",
    "rest.routes.*.variants",
    "rest.routes.*.version",
    "rest.routes.*.when",
    "sandbox",
    "subgraphs.*.endpoints",
    "subgraphs.*.health_check",
    "subgraphs.*.lb_policy",
    "subscription",
    "supergraph.contracts",
    "supergraph.query_planning.cache.redis",
    "supergraph.query_planning.max_evaluated_plans",
    "traffic_shaping.all.circuit_breaker",
    "traffic_shaping.all.compression",
    "traffic_shaping.all.outlier_detection",
    "traffic_shaping.all.retry",
    "traffic_shaping.router.concurrency_limit",
    "traffic_shaping.subgraphs.*.circuit_breaker",
    "traffic_shaping.subgraphs.*.compression",
    "traffic_shaping.subgraphs.*.outlier_detection",
    "traffic_shaping.subgraphs.*.retry",
)

_PATTERNS = tuple(tuple(entry.split(".")) for entry in NOT_YET)


def is_documented(path: KeyPath) -> bool:
    """Whether ``path`` is a key that a later version will have."""
    return any(_fits(pattern, path) for pattern in _PATTERNS)


def _fits(pattern: tuple[str, ...], path: KeyPath) -> bool:
    return len(pattern) == len(path) and all(step in ("*", str(key)) for step, key in zip(pattern, path, strict=True))
