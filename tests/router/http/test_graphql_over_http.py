"""GraphQL over HTTP, requirement by requirement: every MUST and SHOULD for servers, over real sockets.

The first part of each id is the section in the edition of September 2026, https://http-spec.graphql.org/September2026/.
Where that edition and the drafts before it recommend different statuses for the same thing, the gateway keeps the older
ones, which clients and audits in use expect: 400 where the edition has 422, 200 where it has 294, and 200 for what is
wrong with an operation if the client names ``application/json``. None of these is a MUST for the new media type.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from io import BytesIO
from urllib.parse import urlencode

import aiohttp
import orjson
import pytest
import pytest_asyncio
from _pytest.mark.structures import ParameterSet

from tests.live_gateway import Json, LiveGateway, answer_users, json_response, live_gateway

GRAPHQL = "application/graphql-response+json"
JSON = "application/json"
GOOD = "{ me { name } }"
ADA: Json = {"me": {"name": "Ada"}}
USERS: Json = {"users": [{"name": "Ada"}]}
VARIABLE = "query ($n: Int!) { users(first: $n) { name } }"
SCHEMA = "{ __schema { queryType { name } } }"
TWO = "query A { me { name } } query B { me { id } }"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def gateway(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[LiveGateway]:
    async with live_gateway(tmp_path_factory.mktemp("gateway")) as live:
        yield live


pytestmark = pytest.mark.asyncio(loop_scope="module")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: Json

    @property
    def code(self) -> str:
        errors = self.body["errors"]
        assert isinstance(errors, list)
        return str(errors[0]["extensions"]["code"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """An HTTP request; ``body`` is JSON, or bytes that are sent as they are."""

    body: object = None
    accept: str | None = GRAPHQL
    content_type: str | None = JSON
    method: str = "POST"
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)

    async def of(self, gateway: LiveGateway) -> Answer:
        """Send it."""
        headers = dict(self.headers)
        if self.accept is not None:
            headers["accept"] = self.accept
        if self.content_type is not None and self.method != "GET":
            headers["content-type"] = self.content_type
        data = self.body if isinstance(self.body, bytes) else orjson.dumps(self.body)
        url = f"{gateway.url}/graphql" + (f"?{urlencode(self.query)}" if self.query else "")
        skip = {"accept", "content-type"} - headers.keys()
        async with (
            aiohttp.ClientSession(skip_auto_headers=skip) as session,
            session.request(
                self.method, url, data=None if self.method == "GET" else BytesIO(data), headers=headers
            ) as response,
        ):
            return Answer(
                status=response.status, headers=response.headers, body=orjson.loads(await response.read() or b"{}")
            )


NO_TYPE = Ask(body={"query": GOOD}, content_type=None)


def post(query: object, *, accept: str | None = GRAPHQL, **parameters: object) -> Ask:
    return Ask(body={"query": query, **parameters}, accept=accept)


def get(**query: str) -> Ask:
    return Ask(method="GET", query=query)


def case(requirement: str, *values: object) -> ParameterSet:
    """A requirement: its section, its word, and what it says."""
    return pytest.param(*values, id=requirement)


# --- what is answered -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ask", "data"),
    [
        case("2 MUST serve a schema at a URL", post(GOOD), ADA),
        case(
            "2 MUST NOT ask for another URL for mutations",
            post('mutation { rename(name: "x") { name } }'),
            {"rename": {"name": "Ada"}},
        ),
        case(
            "3.1 MUST assume UTF-8 without a charset",
            Ask(body='{"query": "{ me { name } } # é"}'.encode()),
            ADA,
        ),
        case("3.1 MUST read a charset", Ask(body={"query": GOOD}, content_type=f"{JSON}; charset=utf-8"), ADA),
        case("4 MUST support POST", post(GOOD), ADA),
        case("4.3 MUST read a GET from the query", get(query=GOOD), ADA),
        case("4.3 MUST read variables of a GET as JSON", get(query=VARIABLE, variables='{"n": 1}'), USERS),
        case("4.3 MUST take operationName of a GET", get(query=TWO, operationName="B"), {"me": {"id": "1"}}),
        case("4.3 the name null is a name", get(query="query null { me { name } }", operationName="null"), ADA),
        case("4.3 MUST take empty as not given", get(query=GOOD, operationName="", variables="", extensions=""), ADA),
        case("4.3 MUST read extensions of a GET as JSON", get(query=GOOD, extensions='{"a": 1}'), ADA),
        case("4.4 MUST support application/json in UTF-8", Ask(body={"query": GOOD}), ADA),
        case("4.4.1 MUST ignore unknown properties", post(GOOD, id=1, whatever={"a": []}), ADA),
        case("4.4.1 null is not given", post(GOOD, operationName=None, variables=None, extensions=None), ADA),
        case("4.4.1 operationName chooses", post(TWO, operationName="A"), ADA),
        case("4.4.1 variables are an object", post(VARIABLE, variables={"n": 1}), USERS),
        case("4.4.1 extensions are an object", post(GOOD, extensions={"vendor": {"a": 1}}), ADA),
    ],
)
async def test_a_well_formed_request_is_answered(gateway: LiveGateway, ask: Ask, data: Json) -> None:
    answer = await ask.of(gateway)
    assert (answer.status, answer.body) == (200, {"data": data})


# --- the format of the answer ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ask", "content_type"),
    [
        case("5.1 MUST support the new media type, SHOULD tell the charset", post(GOOD), GRAPHQL),
        case("5.1 SHOULD support application/json", post(GOOD, accept=JSON), JSON),
        case("5.1 MUST respect the order", post(GOOD, accept=f"{GRAPHQL}, {JSON}"), GRAPHQL),
        case("5.1 MUST respect weights", post(GOOD, accept=f"{GRAPHQL};q=0.1, {JSON};q=0.2"), JSON),
        case("5.1 MUST respect the weight of a wildcard", post(GOOD, accept=f"{JSON};q=0.1, */*"), GRAPHQL),
        case("5.1 MUST NOT send what is weighed 0", post(GOOD, accept=f"{JSON};q=0, application/*"), GRAPHQL),
        case("5.1 any type will do", post(GOOD, accept="*/*"), JSON),
        case("5.1 any JSON will do", post(GOOD, accept="application/*"), JSON),
        case("5.1 without Accept anything will do", post(GOOD, accept=None), JSON),
        case("5.1 UTF-8 may be named", post(GOOD, accept=f"{GRAPHQL}; charset=utf-8"), GRAPHQL),
        case("5.1 a refused operation keeps the type", post("{ nope }"), GRAPHQL),
        case("5.1 bad parameters keep the type", post(7), GRAPHQL),
        case("5.1 bad parameters respect weights", post(7, accept=f"{GRAPHQL};q=0.1, {JSON}"), JSON),
        case("5.1 a refused method keeps the type", get(query='mutation { rename(name: "x") { id } }'), GRAPHQL),
    ],
)
async def test_the_answer_has_the_type_of_the_highest_priority(
    gateway: LiveGateway, ask: Ask, content_type: str
) -> None:
    assert (await ask.of(gateway)).headers["content-type"] == f"{content_type}; charset=utf-8"


async def test_several_accept_headers_are_one_list(gateway: LiveGateway) -> None:
    headers = [("accept", f"{JSON};q=0.1"), ("accept", GRAPHQL), ("content-type", JSON)]
    async with gateway.session.post(f"{gateway.url}/graphql", data=b'{"query": "{me{id}}"}', headers=headers) as answer:
        assert answer.headers["content-type"] == f"{GRAPHQL}; charset=utf-8"


# --- what is refused ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ask", "status", "code"),
    [
        case("4.4 SHOULD refuse a POST without Content-Type", NO_TYPE, 415, "UNSUPPORTED_MEDIA_TYPE"),
        case("5.1 SHOULD answer 406", post(GOOD, accept="text/html"), 406, "NOT_ACCEPTABLE"),
        case("5.1 SHOULD answer 406 to q=0", post(GOOD, accept=f"{JSON};q=0"), 406, "NOT_ACCEPTABLE"),
        case("5.1 SHOULD answer 406 to UTF-16", post(GOOD, accept=f"{JSON};charset=utf-16"), 406, "NOT_ACCEPTABLE"),
        case("5.4 SHOULD answer 415", Ask(body=b"{}", content_type="application/xml"), 415, "UNSUPPORTED_MEDIA_TYPE"),
        case(
            "5.4 SHOULD answer 415 to UTF-16",
            Ask(body=b"{}", content_type=f"{JSON}; charset=utf-16"),
            415,
            "UNSUPPORTED_MEDIA_TYPE",
        ),
        case("5.4 SHOULD answer 405 to PUT", Ask(body={"query": GOOD}, method="PUT"), 405, "METHOD_NOT_ALLOWED"),
        case("5.4 SHOULD answer 413", Ask(body=b" " * 3_000_000), 413, "REQUEST_TOO_LARGE"),
        case("5.4 SHOULD answer 400 to no JSON", Ask(body=b"NONSENSE"), 400, "INVALID_JSON"),
        case("5.4 SHOULD answer 400 to half JSON", Ask(body=b'{"query":'), 400, "INVALID_JSON"),
        case("5.4 SHOULD answer 400 to no body", Ask(body=b""), 400, "INVALID_JSON"),
        case("5.4 SHOULD answer 400 to Latin-1", Ask(body=b'{"query": "{a}#\xe9"}'), 400, "INVALID_JSON"),
        case("5.4 SHOULD answer 400 to half a character", Ask(body=b'{"query": "\\ud800"}'), 400, "INVALID_JSON"),
        case(
            "5.4 SHOULD answer 400 to NaN", Ask(body=b'{"query": "{a}", "variables": {"a": NaN}}'), 400, "INVALID_JSON"
        ),
        case("5.4 SHOULD answer 4xx to a typo", Ask(body={"qeury": GOOD}), 400, "BAD_REQUEST"),
        case("5.4 SHOULD answer 4xx to no object", Ask(body="query"), 400, "BAD_REQUEST"),
        case("5.4 SHOULD answer 4xx to null", Ask(body=b"null"), 400, "BAD_REQUEST"),
        case("5.4 SHOULD answer 4xx to a batch", Ask(body=[{"query": GOOD}]), 400, "BATCHING_NOT_ENABLED"),
        case("5.4 SHOULD answer 4xx to no query", Ask(body={}), 400, "BAD_REQUEST"),
        case("5.4 SHOULD answer 4xx to query null", post(None), 400, "BAD_REQUEST"),
        case("5.4 SHOULD answer 4xx to query 1", post(1), 400, "BAD_REQUEST"),
        case("5.4 SHOULD answer 4xx to query true", Ask(body={"query": True}), 400, "BAD_REQUEST"),
        case("5.4 SHOULD answer 4xx to query []", post([GOOD]), 400, "BAD_REQUEST"),
        case("5.4 SHOULD answer 4xx to query {}", post({"a": GOOD}), 400, "BAD_REQUEST"),
        case("5.4 SHOULD answer 4xx to operationName 1", post(GOOD, operationName=1), 400, "BAD_REQUEST"),
        case("5.4 SHOULD answer 4xx to operationName true", post(GOOD, operationName=True), 400, "BAD_REQUEST"),
        case("5.4 SHOULD answer 4xx to operationName []", post(GOOD, operationName=["A"]), 400, "BAD_REQUEST"),
        case("5.4 SHOULD answer 4xx to operationName {}", post(GOOD, operationName={}), 400, "BAD_REQUEST"),
        case("5.4 SHOULD answer 4xx to variables 1", post(GOOD, variables=1), 400, "BAD_REQUEST"),
        case("5.4 SHOULD answer 4xx to variables true", post(GOOD, variables=True), 400, "BAD_REQUEST"),
        case("5.4 SHOULD answer 4xx to variables text", post(GOOD, variables="{}"), 400, "BAD_REQUEST"),
        case("5.4 SHOULD answer 4xx to variables []", post(GOOD, variables=[7]), 400, "BAD_REQUEST"),
        case("5.4 SHOULD answer 4xx to extensions 1", post(GOOD, extensions=1), 400, "BAD_REQUEST"),
        case("5.4 SHOULD answer 4xx to extensions true", post(GOOD, extensions=True), 400, "BAD_REQUEST"),
        case("5.4 SHOULD answer 4xx to extensions text", post(GOOD, extensions="a"), 400, "BAD_REQUEST"),
        case("5.4 SHOULD answer 4xx to extensions []", post(GOOD, extensions=[]), 400, "BAD_REQUEST"),
        case("5.4 SHOULD answer 4xx to a GET without query", get(operationName="A"), 400, "BAD_REQUEST"),
        case("5.4 SHOULD answer 4xx to variables no JSON", get(query=GOOD, variables="x"), 400, "INVALID_JSON"),
        case("5.4 SHOULD answer 4xx to variables a list", get(query=GOOD, variables="[7]"), 400, "BAD_REQUEST"),
        case("5.4 SHOULD answer 4xx to extensions no JSON", get(query=GOOD, extensions="x"), 400, "INVALID_JSON"),
        case("5.4 SHOULD answer 400 where it cannot be parsed", post("{"), 400, "GRAPHQL_PARSE_FAILED"),
        case("5.4 SHOULD answer 4xx where it is not valid", post("{ nope }"), 400, "GRAPHQL_VALIDATION_FAILED"),
        case("5.4 SHOULD answer 4xx where two could be meant", post(TWO), 400, "GRAPHQL_UNKNOWN_OPERATION_NAME"),
        case(
            "5.4 SHOULD answer 4xx where none is meant",
            post(TWO, operationName="C"),
            400,
            "GRAPHQL_UNKNOWN_OPERATION_NAME",
        ),
        case(
            "5.4 SHOULD answer 4xx to a wrong variable",
            post(VARIABLE, variables={"n": "x"}),
            400,
            "GRAPHQL_VALIDATION_FAILED",
        ),
        case("5.4 SHOULD answer 4xx to a missing variable", post(VARIABLE), 400, "GRAPHQL_VALIDATION_FAILED"),
    ],
)
async def test_what_is_wrong_has_its_status_and_code_and_no_data(
    gateway: LiveGateway, ask: Ask, status: int, code: str
) -> None:
    answer = await ask.of(gateway)
    assert (answer.status, answer.code) == (status, code)
    assert "data" not in answer.body


@pytest.mark.parametrize(
    ("ask", "allow"),
    [
        case("4.3 MUST NOT run mutations by GET", get(query='mutation { rename(name: "x") { id } }'), "POST"),
        case(
            "4.3 MUST NOT run the mutation that operationName chooses",
            get(query='query A { me { id } } mutation B { rename(name: "x") { id } }', operationName="B"),
            "POST",
        ),
        case("5.4 MUST tell what is allowed", Ask(body={"query": GOOD}, method="DELETE"), "GET, OPTIONS, POST"),
    ],
)
async def test_a_method_that_is_not_allowed_is_told_with_those_that_are(
    gateway: LiveGateway, ask: Ask, allow: str
) -> None:
    before = len(gateway.users.asked)
    answer = await ask.of(gateway)
    assert (answer.status, answer.headers["allow"]) == (405, allow)
    assert len(gateway.users.asked) == before


@pytest.mark.parametrize(
    "query",
    [
        case("5.2 SHOULD know the fields", "{ me { nope } }"),
        case("5.2 SHOULD know the arguments", "{ me(a: 1) { id } }"),
        case("5.2 SHOULD know the types of arguments", '{ users(first: "x") { id } }'),
        case("5.2 SHOULD want required arguments", "mutation { rename { id } }"),
        case("5.2 SHOULD want selections of objects", "{ me }"),
        case("5.2 SHOULD want no selections of leaves", "{ me { id { a } } }"),
        case("5.2 SHOULD merge fields", "{ me { x: id x: name } }"),
        case("5.2 SHOULD know the fragments", "{ me { ...F } }"),
        case("5.2 SHOULD want fragments to be used", "{ me { id } } fragment F on User { id }"),
        case("5.2 SHOULD find cycles", "{ me { ...F } } fragment F on User { ...F }"),
        case("5.2 SHOULD know the types of fragments", "{ me { ... on Nope { id } } }"),
        case("5.2 SHOULD know what is possible", "{ me { ... on Query { me { id } } } }"),
        case("5.2 SHOULD know the variables", "{ users(first: $n) { id } }"),
        case("5.2 SHOULD want variables to be used", "query ($n: Int) { me { id } }"),
        case("5.2 SHOULD want variables of input types", "query ($n: User) { me { id @skip(if: $n) } }"),
        case("5.2 SHOULD want variables where they fit", "query ($n: Int) { me { id @skip(if: $n) } }"),
        case("5.2 SHOULD know the directives", "{ me { id @nope } }"),
        case("5.2 SHOULD want directives in their places", "query @skip(if: true) { me { id } }"),
        case("5.2 SHOULD want an anonymous operation alone", "{ me { id } } query A { me { id } }"),
        case("5.2 SHOULD want names once", "query A { me { id } } query A { me { id } }"),
        case("5.2 SHOULD want operations alone", "{ me { id } } type A { a: Int }"),
    ],
)
async def test_an_operation_that_is_not_valid_is_not_run(gateway: LiveGateway, query: str) -> None:
    before = len(gateway.users.asked)
    answer = await post(query, operationName="A" if "query A" in query else None).of(gateway)
    assert (answer.status, answer.code) == (400, "GRAPHQL_VALIDATION_FAILED")
    assert len(gateway.users.asked) == before


# --- what is executed, whatever comes of it -------------------------------------------------------------------------


@pytest_asyncio.fixture(loop_scope="module")
async def failing(gateway: LiveGateway) -> AsyncIterator[LiveGateway]:
    """The same gateway, whose users fail."""
    gateway.users.answer = lambda _: json_response({"data": None, "errors": [{"message": "no users"}]})
    yield gateway
    gateway.users.answer = answer_users


@pytest.mark.parametrize(
    ("ask", "data"),
    [
        case("5.4 SHOULD answer 2xx to data null (drafts: 200)", post("{ strict { name } }"), None),
        case("5.4 MUST answer 2xx to partial data (drafts: 200)", post(GOOD), {"me": None}),
        case("drafts, 6.4.1: MUST answer 200 to data with errors", post(GOOD, accept=JSON), {"me": None}),
        case("drafts, 6.4.1: SHOULD answer 200 to data null", post("{ strict { name } }", accept=JSON), None),
    ],
)
async def test_what_was_executed_is_a_success(failing: LiveGateway, ask: Ask, data: Json | None) -> None:
    answer = await ask.of(failing)
    assert (answer.status, answer.body["data"]) == (200, data)
    assert answer.body["errors"]


# --- clients that name application/json -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ask", "code"),
    [
        case(
            "drafts, 6.4.1: SHOULD answer 200 where it cannot be parsed", post("{", accept=JSON), "GRAPHQL_PARSE_FAILED"
        ),
        case(
            "drafts, 6.4.1: SHOULD answer 200 where it is not valid",
            post("{ nope }", accept=JSON),
            "GRAPHQL_VALIDATION_FAILED",
        ),
        case(
            "drafts, 6.4.1: SHOULD answer 200 where two operations could be meant",
            post(TWO, accept=JSON),
            "GRAPHQL_UNKNOWN_OPERATION_NAME",
        ),
        case(
            "drafts, 6.4.1: SHOULD answer 200 to a wrong variable",
            post(VARIABLE, accept=JSON, variables={"n": "x"}),
            "GRAPHQL_VALIDATION_FAILED",
        ),
        case(
            "drafts, 6.4.1: the same with a wildcard behind it",
            post("{", accept=f"{JSON}, */*"),
            "GRAPHQL_PARSE_FAILED",
        ),
    ],
)
async def test_a_client_of_plain_json_gets_request_errors_with_status_200(
    gateway: LiveGateway, ask: Ask, code: str
) -> None:
    answer = await ask.of(gateway)
    assert (answer.status, answer.code) == (200, code)
    assert "data" not in answer.body


@pytest.mark.parametrize("accept", ["*/*", "application/*", None, f"{GRAPHQL}, {JSON};q=0.9"])
async def test_all_others_get_request_errors_with_status_400(gateway: LiveGateway, accept: str | None) -> None:
    assert (await post("{ nope }", accept=accept).of(gateway)).status == 400


@pytest.mark.parametrize(
    ("ask", "status"),
    [
        case("drafts, 6.4.1: SHOULD answer 4xx to no JSON", Ask(body=b"NONSENSE", accept=JSON), 400),
        case("drafts, 6.4.1: SHOULD answer 4xx to bad parameters", post(GOOD, accept=JSON, variables=[7]), 400),
        case("drafts, 6.4.1: SHOULD answer 4xx to a batch", Ask(body=[{"query": GOOD}], accept=JSON), 400),
        case("2 SHOULD refuse by 4xx a body too large", Ask(body=b" " * 3_000_000, accept=JSON), 413),
        case(
            "2 SHOULD refuse by 4xx introspection",
            post("{ __schema { types { name } } }", accept=JSON),
            400,
        ),
        case("2 SHOULD refuse by 4xx a limit", post("{" + "a:me{id}" * 200 + "}", accept=JSON), 400),
        case("5.4 SHOULD answer 415", Ask(body=b"{}", accept=JSON, content_type="text/xml"), 415),
    ],
)
async def test_a_client_of_plain_json_gets_all_other_refusals_with_their_status(
    gateway: LiveGateway, ask: Ask, status: int
) -> None:
    assert (await ask.of(gateway)).status == status


@pytest.mark.parametrize("accept", [JSON, GRAPHQL])
async def test_who_may_not_ask_is_told_so_by_status(
    tmp_path_factory: pytest.TempPathFactory, accept: str
) -> None:  # 2, 5.4: SHOULD answer 401, 403 or similar
    anonymous: Json = {"authorization": {"require_authentication": True}}
    async with live_gateway(tmp_path_factory.mktemp("closed"), anonymous) as closed:
        answer = await post("{ nope }", accept=accept).of(closed)
    assert (answer.status, answer.code) == (401, "UNAUTHENTICATED")


# --- what does not become a request ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "status"),
    [
        case("5.4 SHOULD answer 414", b"GET /graphql?query=" + b"x" * 70_000 + b" HTTP/1.1\r\n", 414),
        case("5.4 SHOULD answer 431", b"GET /graphql HTTP/1.1\r\nx: " + b"y" * 40_000 + b"\r\n", 431),
        case("5.4 MUST NOT claim the new media type", b"nonsense\r\n", 400),
    ],
)
async def test_what_is_no_request_is_refused_in_plain_json(gateway: LiveGateway, text: bytes, status: int) -> None:
    host, _, port = gateway.url.removeprefix("http://").partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(text + b"host: x\r\naccept: " + GRAPHQL.encode() + b"\r\n\r\n")
    head, _, body = (await reader.read()).partition(b"\r\n\r\n")
    writer.close()
    await writer.wait_closed()
    assert head.split()[1] == str(status).encode()
    assert b"content-type: application/json" in head.lower()
    assert b"aiohttp" not in head
    assert orjson.loads(body)["errors"]


async def test_too_many_parameters_are_told_as_such(gateway: LiveGateway) -> None:
    answer = await get(**{f"p{index}": "1" for index in range(200)}).of(gateway)
    assert (answer.status, answer.code) == (400, "BAD_REQUEST")
    assert "more than 100 parameters" in str(answer.body)
