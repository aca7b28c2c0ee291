"""What a request's trace headers mean, and what goes on to the subgraphs."""

import re
from collections.abc import Iterator, Mapping, Sequence

import pytest
from multidict import CIMultiDict, CIMultiDictProxy
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode

from router.config.telemetry import TracingSection
from router.policy.observe import Observe
from router.policy.pipeline import Pipeline
from router.policy.request import Request, Response
from router.telemetry import Telemetry
from router.telemetry.metrics import Metrics
from router.telemetry.propagation import Caller, read_caller
from router.telemetry.tracing import NO_SPAN, NO_TRACE, Tracing
from tests.requests_in import request_in

TRACE_ID = "4bf92f3577b34da6a3ce929d0e0e4736"
SPAN_ID = "00f067aa0ba902b7"
SAMPLED = f"00-{TRACE_ID}-{SPAN_ID}-01"
NOT_SAMPLED = f"00-{TRACE_ID}-{SPAN_ID}-00"


def headers(*lines: tuple[str, str]) -> CIMultiDictProxy[str]:
    return CIMultiDictProxy(CIMultiDict(lines))


@pytest.mark.parametrize(
    ("text", "flags"),
    [
        (SAMPLED, 1),
        (NOT_SAMPLED, 0),
        (f"00-{TRACE_ID}-{SPAN_ID}-03", 3),
        (f"cc-{TRACE_ID}-{SPAN_ID}-01", 1),
        (f"cc-{TRACE_ID}-{SPAN_ID}-01-what-comes-later", 1),
    ],
)
def test_a_caller_names_its_trace(text: str, flags: int) -> None:
    assert read_caller(headers(("traceparent", text))) == Caller(TRACE_ID, SPAN_ID, flags)


@pytest.mark.parametrize(
    "text",
    [
        "",
        TRACE_ID,
        SAMPLED.upper(),
        f"{SAMPLED} ",
        f"{SAMPLED}-what-comes-later",
        f"cc-{TRACE_ID}-{SPAN_ID}-01.what-comes-later",
        f"ff-{TRACE_ID}-{SPAN_ID}-01",
        f"00-{'0' * 32}-{SPAN_ID}-01",
        f"00-{TRACE_ID}-{'0' * 16}-01",
        f"00-{TRACE_ID}-{SPAN_ID}",
    ],
)
def test_a_header_that_is_not_right_names_none(text: str) -> None:
    assert read_caller(headers(("traceparent", text))) is None


def test_two_callers_are_none() -> None:
    assert read_caller(headers(("traceparent", SAMPLED), ("traceparent", NOT_SAMPLED))) is None


class Kept:
    """Telemetry that keeps its spans."""

    def __init__(self, **options: object) -> None:
        self.exporter = InMemorySpanExporter()
        tracing = Tracing(TracingSection.model_validate(options), SimpleSpanProcessor(self.exporter), resource={})
        self.telemetry = Telemetry(metrics=Metrics(), tracing=tracing)

    async def sent(self, lines: Mapping[str, str] | Sequence[tuple[str, str]]) -> dict[str, str]:
        """The trace headers that a subgraph gets for a request with these headers."""
        sent: dict[str, str] = {}

        async def handler(_request: Request) -> Response:
            trace = self.telemetry.begin_fetch("users", "query")
            sent.update(trace.headers)
            trace.finish()
            return Response(status=200)

        await Pipeline((Observe(self.telemetry),)).run(request_in(headers=lines), handler)
        return sent


@pytest.fixture
def kept() -> Iterator[Kept]:
    made = Kept()
    yield made
    made.telemetry.close()


async def test_a_trace_that_is_not_recorded_goes_on_and_says_so(kept: Kept) -> None:
    assert await kept.sent({"traceparent": NOT_SAMPLED}) == {"traceparent": NOT_SAMPLED}
    assert kept.exporter.get_finished_spans() == ()


async def test_the_sampled_flag_is_taken_back_where_the_caller_does_not_decide() -> None:
    kept = Kept(sampler=0.0, parent_based_sampler=False)
    sent = await kept.sent({"traceparent": f"00-{TRACE_ID}-{SPAN_ID}-03"})
    assert sent == {"traceparent": f"00-{TRACE_ID}-{SPAN_ID}-02"}
    kept.telemetry.close()


async def test_a_request_without_a_trace_begins_one_that_subgraphs_do_not_record_either() -> None:
    kept = Kept(sampler=0.0)
    sent = await kept.sent({})
    assert re.fullmatch(r"00-[0-9a-f]{32}-[0-9a-f]{16}-00", sent["traceparent"])
    kept.telemetry.close()


async def test_a_recorded_fetch_is_the_parent_of_what_the_subgraph_does(kept: Kept) -> None:
    sent = await kept.sent({"traceparent": SAMPLED})
    fetch, request = kept.exporter.get_finished_spans()
    assert fetch.context is not None
    assert request.context is not None
    assert fetch.parent is not None
    assert sent == {"traceparent": f"00-{TRACE_ID}-{fetch.context.span_id:016x}-01"}
    assert fetch.parent.span_id == request.context.span_id
    assert fetch.attributes == {"subgraph.name": "users", "graphql.operation.type": "query"}


@pytest.mark.parametrize("parent", [SAMPLED, NOT_SAMPLED])
async def test_what_others_put_into_a_trace_goes_on(kept: Kept, parent: str) -> None:
    lines = [("traceparent", parent), ("tracestate", "a=1"), ("tracestate", "b=2"), ("baggage", "tenant=x;p=1")]
    sent = await kept.sent(lines)
    assert (sent["tracestate"], sent["baggage"]) == ("a=1,b=2", "tenant=x;p=1")


async def test_the_state_of_a_trace_that_is_not_known_does_not_go_on(kept: Kept) -> None:
    assert set(await kept.sent({"traceparent": "?", "tracestate": "a=1", "baggage": "b=2"})) == {
        "traceparent",
        "baggage",
    }


async def test_baggage_that_is_too_much_stays_behind(kept: Kept) -> None:
    assert "baggage" not in await kept.sent({"baggage": "a=" + "x" * 8192})


@pytest.mark.parametrize("parent", [SAMPLED, NOT_SAMPLED])
async def test_without_tracecontext_subgraphs_hear_nothing_of_the_trace(parent: str) -> None:
    kept = Kept(propagation=["baggage"])
    assert await kept.sent({"traceparent": parent, "tracestate": "a=1", "baggage": "b=2"}) == {"baggage": "b=2"}
    kept.telemetry.close()


@pytest.mark.parametrize(("trace_id", "recorded"), [("f" * 15 + "0" * 17, 1), ("0" * 16 + "f" * 16, 0)])
async def test_gateways_with_one_share_agree_on_the_traces_that_are_recorded(trace_id: str, recorded: int) -> None:
    kept = Kept(sampler=0.5, parent_based_sampler=False)
    await kept.sent({"traceparent": f"00-{trace_id}-{SPAN_ID}-00"})
    assert len(kept.exporter.get_finished_spans()) == 2 * recorded
    kept.telemetry.close()


async def test_a_fetch_that_failed_says_why(kept: Kept) -> None:
    kept.telemetry.begin_fetch("users", "query").finish("GATEWAY_TIMEOUT")
    (span,) = kept.exporter.get_finished_spans()
    assert span.attributes is not None
    assert span.attributes["error.type"] == "GATEWAY_TIMEOUT"
    assert span.status.status_code is StatusCode.ERROR


async def test_nothing_is_made_for_a_trace_that_is_not_recorded(kept: Kept) -> None:
    kept.telemetry.request_started(request_in(headers={"traceparent": NOT_SAMPLED}))
    assert kept.telemetry.span("plan") is NO_SPAN
    assert kept.telemetry.begin_fetch("users", "query") is kept.telemetry.begin_fetch("reviews", "query")


async def test_without_tracing_a_fetch_sends_no_trace() -> None:
    telemetry = Telemetry(metrics=Metrics())
    telemetry.request_started(request_in(headers={"traceparent": SAMPLED}))
    assert telemetry.begin_fetch("users", "query") is NO_TRACE
    assert NO_TRACE.headers == {}


async def test_what_is_delivered_after_the_answer_belongs_to_the_trace(kept: Kept) -> None:
    await kept.sent({"traceparent": SAMPLED})
    trace = kept.telemetry.begin_fetch("reviews", "query")
    trace.finish()
    assert trace.trace_id == TRACE_ID


async def test_work_beside_requests_is_recorded_by_the_share_alone() -> None:
    kept = Kept(sampler=0.0)
    assert kept.telemetry.span("plan") is NO_SPAN
    kept.telemetry.close()
