"""What a request costs beside its work, and what each part of that costs: ``python -m benchmarks.overhead``.

Requests pass the policies to a handler that does nothing but tell telemetry of two fetches and two cache look-ups, as
the GraphQL stage does. There are no sockets. Times are of the processor, threads of exporters and of the log included,
so they are what throughput is lost by. All variants are measured by turns in one run; of each, the best round counts.
"""

import argparse
import asyncio
import tempfile
import time
from collections.abc import Callable, Sequence
from contextvars import copy_context
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm
from multidict import CIMultiDict, CIMultiDictProxy
from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from rich.console import Console
from rich.table import Table

from router.config.model import Config
from router.config.telemetry import TracingSection
from router.policy.observe import Observe
from router.policy.pipeline import Pipeline, Policy
from router.policy.policies import PolicyTools, build_pipeline
from router.policy.request import Request, Response
from router.stores.limits import Algorithm, Charge, Rule
from router.stores.memory_limits import MemoryLimitStore
from router.stores.shared_limits import SharedLimitStore
from router.stores.shared_memory import SharedCounters
from router.telemetry.access_log import AccessLog, LineWriter, open_output
from router.telemetry.metrics import Metrics
from router.telemetry.telemetry import Telemetry
from router.telemetry.tracing import Tracing

CONFIG = Config.model_validate(
    {
        "cors": {"policies": [{"origins": ["https://app.example"]}]},
        "ratelimit": {"global": {"capacity": 1_000_000, "interval": "1s"}},
    }
)
ALL_POLICIES = Config.model_validate(
    {
        "cors": {"policies": [{"origins": ["https://app.example"]}]},
        "ratelimit": {
            "global": {"capacity": 1_000_000, "interval": "1s"},
            "policies": [{"name": "per-ip", "key": "client.ip", "capacity": 1_000_000, "interval": "1s"}],
        },
        "security": {
            "ip": {"deny": ["203.0.113.0/24", "2001:db8::/32"]},
            "bots": {"deny_user_agents": ["crawler", "spider", "(?i)scan"]},
        },
    }
)
"""The same with what is off by default: a second rate limit, denied networks, denied user agents."""

BODY = b'{"query":"{ me { name } }"}'
HEADERS = CIMultiDictProxy(
    CIMultiDict({"host": "localhost", "content-type": "application/json", "user-agent": "benchmark"})
)


class NoExporter(SpanExporter):
    """Takes spans, and sends them nowhere."""

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:  # noqa: ARG002 - the interface
        """Forget them."""
        return SpanExportResult.SUCCESS


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """What is switched on.

    Attributes:
        sampler: Share of recorded traces; ``None`` is no tracing.
    """

    name: str
    policies: bool = True
    metrics: bool = True
    sampler: float | None = None
    log: bool = False


VARIANTS = (
    Variant(name="no policy at all", policies=False, metrics=False),
    Variant(name="policies, no telemetry", metrics=False),
    Variant(name="metrics"),
    Variant(name="metrics, traces not sampled", sampler=0.0),
    Variant(name="metrics, traces sampled", sampler=1.0),
    Variant(name="metrics, access log", log=True),
    Variant(name="everything, traces not sampled", sampler=0.0, log=True),
    Variant(name="everything", sampler=1.0, log=True),
)


class Bench:
    """One variant, ready to take requests."""

    def __init__(self, variant: Variant, log_file: Path) -> None:
        self.variant = variant
        self.best = float("inf")
        metrics = Metrics()
        tracing, writer, log = None, None, None
        if variant.sampler is not None:
            section = TracingSection(sampler=variant.sampler)
            tracing = Tracing(section, BatchSpanProcessor(NoExporter()), resource={})
        if variant.log:
            writer = LineWriter(open_output(str(log_file)), on_drop=metrics.log_line_dropped)
            log = AccessLog(writer, redacted=CONFIG.telemetry.access_log.redact)
        self.telemetry = Telemetry(metrics=metrics, tracing=tracing, access_log=log, writer=writer)
        built = build_pipeline(CONFIG, PolicyTools(telemetry=self.telemetry))
        policies = built.policies if variant.policies else ()
        if not variant.metrics:
            policies = tuple(policy for policy in policies if not isinstance(policy, Observe))
        self._pipeline = Pipeline(policies, built.modes)
        self._hits = [metrics.cache_observer(cache, "hit") for cache in ("document", "plan")]
        self._observers = [self.telemetry.fetch_observer(name) for name in ("users", "reviews")]

    async def run(self, requests: int) -> None:
        """Answer requests, and remember how long one took if that was faster than before."""
        handler = self._observed if self.variant.metrics else answer
        began = time.process_time()
        for _ in range(requests):
            await self._pipeline.run(new_request(), handler)
        self.best = min(self.best, (time.process_time() - began) / requests * 1e6)

    async def close(self) -> None:
        """Give everything back."""
        await self._pipeline.close()
        await asyncio.to_thread(self.telemetry.close)

    async def _observed(self, request: Request) -> Response:
        telemetry = self.telemetry
        for count_hit in self._hits:
            count_hit()
        for name, observe in zip(("users", "reviews"), self._observers, strict=True):
            trace = telemetry.begin_fetch(name, "query")
            observe(0.001, None)
            trace.finish()
        request.log_fields.update(operation_type="query", operation_hash="a" * 64, upstreams=("users", "reviews"))
        return await answer(request)


async def answer(_request: Request) -> Response:
    """What stands behind the policies."""
    return Response(status=200, body=b"{}")


def new_request(authorization: str | None = None) -> Request:
    """A request as the dispatcher makes it."""
    headers = HEADERS if authorization is None else CIMultiDictProxy(CIMultiDict(HEADERS, authorization=authorization))
    return Request(
        door="graphql",
        method="POST",
        path="/graphql",
        route="/graphql",
        route_name="graphql",
        headers=headers,
        body=BODY,
        peer_ip="127.0.0.1",
    )


def events() -> dict[str, Callable[[], object]]:
    """Single events, by name."""
    metrics = Metrics()
    plain = Telemetry(metrics=metrics)
    quiet, loud = (
        Telemetry(metrics=metrics, tracing=Tracing(TracingSection(sampler=share), SpanProcessor(), resource={}))
        for share in (0.0, 1.0)
    )
    observe = metrics.fetch_observer("users")
    alone = MemoryLimitStore(now=time.monotonic)
    shared = SharedLimitStore(SharedCounters.create(), clock=time.monotonic)
    charge = Charge(Rule(name="r", algorithm=Algorithm.TOKEN_BUCKET, capacity=100, interval_seconds=60), "k")
    log = AccessLog(lambda line: line(), redacted=("authorization",))
    request, response = new_request(), Response(status=200)

    def traced(telemetry: Telemetry) -> Callable[[], object]:
        context = copy_context()
        context.run(telemetry.request_started, request)

        def fetch() -> None:
            trace = telemetry.begin_fetch("users", "query")
            assert trace.headers is not None
            trace.finish()

        return lambda: context.run(fetch)

    return {
        "count a fetch, bound": lambda: observe(0.001, None),
        "count a fetch, looked up": lambda: metrics.fetch_finished("users", 0.001, None),
        "count a look-up": metrics.cache_observer("plan", "hit"),
        "span of a fetch, no tracing": traced(plain),
        "span of a fetch, not sampled": traced(quiet),
        "span of a fetch, sampled": traced(loud),
        "access-log line": lambda: log.log(request, response, seconds=0.01, trace_id=""),
        "rate limit, this process": lambda: alone.take_now([charge]),
        "rate limit, all workers": lambda: shared.take_now([charge]),
    }


def time_event(event: Callable[[], object], rounds: int) -> float:
    """Microseconds of the best round."""
    best, count = float("inf"), 2000
    for _ in range(rounds):
        began = time.process_time()
        for _ in range(count):
            event()
        best = min(best, time.process_time() - began)
    return best / count * 1e6


async def time_policy(policy: Policy, rounds: int, *, authorization: Callable[[], str] | None = None) -> float:
    """Microseconds of the best round for one policy, on the way in and on the way out."""
    best, number = float("inf"), 500
    for _ in range(rounds):
        requests = [new_request(authorization and authorization()) for _ in range(number)]
        responses = [Response(status=200) for _ in range(number)]
        began = time.process_time()
        for request, response in zip(requests, responses, strict=True):
            await policy.on_request(request)
            policy.on_response(request, response)
        best = min(best, time.process_time() - began)
    return best / number * 1e6


class Tokens:
    """JSON Web Tokens of an issuer of its own."""

    def __init__(self) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._made = count()
        self.same = self.new()

    def config(self) -> Config:
        """A configuration that accepts them."""
        public = ECAlgorithm(ECAlgorithm.SHA256).to_jwk(self._key.public_key(), as_dict=True)
        jwks = [{"keys": [{**public, "kid": "1"}], "issuers": ["https://idp.example"], "algorithms": ["ES256"]}]
        return Config.model_validate({"authentication": {"router": {"jwt": {"jwks": jwks}}}})

    def new(self) -> str:
        """An ``Authorization`` header that was never seen before."""
        claims = {"iss": "https://idp.example", "sub": f"user {next(self._made)}", "exp": int(time.time()) + 3600}
        return "Bearer " + jwt.encode(claims, self._key, algorithm="ES256", headers={"kid": "1"})


async def compare_variants(rounds: int, requests: int) -> Table:
    """Measure all variants by turns."""
    table = Table("a whole request", "µs", "more than without telemetry")
    with tempfile.TemporaryDirectory() as folder:
        benches = [Bench(variant, Path(folder) / "access.log") for variant in VARIANTS]
        for _ in range(rounds):
            for bench in benches:
                await bench.run(requests)
                await asyncio.sleep(0.15)  # the log's thread catches up at its own expense
        for bench in benches:
            await bench.close()
    bare = benches[1].best
    for bench in benches:
        more = f"{bench.best - bare:+.1f}" if bench.variant.metrics else ""
        table.add_row(bench.variant.name, f"{bench.best:.1f}", more)
    return table


async def list_policies(rounds: int) -> Table:
    """Measure each policy by itself, also those that are off by default."""
    table = Table("a policy", "µs")
    tools = PolicyTools(telemetry=Telemetry(metrics=Metrics()))
    for policy in build_pipeline(ALL_POLICIES, tools).policies:
        table.add_row(policy.name, f"{await time_policy(policy, rounds):.2f}")
    tokens = Tokens()
    (authenticate,) = (each for each in build_pipeline(tokens.config(), tools).policies if each.name == "authenticate")
    for name, authorization in (("no token", None), ("a known JWT", lambda: tokens.same), ("a new JWT", tokens.new)):
        microseconds = await time_policy(authenticate, rounds, authorization=authorization)
        table.add_row(f"authenticate, {name}", f"{microseconds:.2f}")
    return table


def list_events(rounds: int) -> Table:
    """Measure each event by itself."""
    table = Table("an event", "µs")
    for name, event in events().items():
        table.add_row(name, f"{time_event(event, rounds):.2f}")
    return table


async def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=10, help="rounds; the best of each is printed (default 10)")
    parser.add_argument("--requests", type=int, default=1000, help="requests in a round (default 1000)")
    arguments = parser.parse_args()
    console = Console()
    console.print(await compare_variants(arguments.rounds, arguments.requests))
    console.print(await list_policies(arguments.rounds))
    console.print(list_events(arguments.rounds))


if __name__ == "__main__":
    asyncio.run(main())
