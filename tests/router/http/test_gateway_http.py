"""HTTP/1.1 as clients speak it, in front of a whole gateway."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import orjson
import pytest
import pytest_asyncio

from tests.live_gateway import LiveGateway, live_gateway
from tests.reloading import reloading

BODY = b'{"query": "{ me { id } }"}'
ANSWER = b'{"data":{"me":{"id":"1"}}}'
CHUNKS = b"1\r\n{\r\n%x\r\n%b\r\n0\r\n\r\n" % (len(BODY) - 1, BODY[1:])
HEAD = b"POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n"
LENGTH = b"content-length: %d\r\n\r\n" % len(BODY)
CLOSE = b"connection: close\r\n"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def gateway(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[LiveGateway]:
    async with live_gateway(tmp_path_factory.mktemp("gateway")) as live:
        yield live


pytestmark = pytest.mark.asyncio(loop_scope="module")


async def exchange(url: str, data: bytes) -> bytes:
    """All that is answered until the connection ends."""
    host, _, port = url.removeprefix("http://").partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(data)
    answer = await reader.read()
    writer.close()
    await writer.wait_closed()
    return answer


async def test_a_body_may_come_in_chunks(gateway: LiveGateway) -> None:
    answer = await exchange(gateway.url, HEAD + CLOSE + b"transfer-encoding: chunked\r\n\r\n" + CHUNKS)
    assert answer.endswith(ANSWER)


async def test_operations_may_be_sent_ahead(gateway: LiveGateway) -> None:
    answer = await exchange(gateway.url, (HEAD + LENGTH + BODY) * 3 + HEAD + CLOSE + LENGTH + BODY)
    assert answer.count(ANSWER) == 4


async def test_an_offer_to_speak_http_2_is_ignored(gateway: LiveGateway) -> None:
    offer = b"connection: upgrade, http2-settings, close\r\nupgrade: h2c\r\nhttp2-settings: AAMAAABkAAQ\r\n"
    assert (await exchange(gateway.url, HEAD + offer + LENGTH + BODY)).endswith(ANSWER)


async def test_http_1_0_is_answered(gateway: LiveGateway) -> None:
    answer = await exchange(gateway.url, HEAD.replace(b"1.1", b"1.0").replace(b"host: x\r\n", b"") + LENGTH + BODY)
    assert answer.endswith(ANSWER)


async def test_parts_for_http_1_0_come_without_chunks(gateway: LiveGateway) -> None:
    body = b'{"query": "{ me { id ... @defer { reviews } } }"}'
    head = HEAD.replace(b"1.1", b"1.0") + b"accept: multipart/mixed;deferSpec=20220824\r\n"
    answer = await exchange(gateway.url, head + b"content-length: %d\r\n\r\n" % len(body) + body)
    head, _, parts = answer.partition(b"\r\n\r\n")
    assert b"transfer-encoding" not in head.lower()
    assert parts.startswith(b"\r\n---\r\ncontent-type: application/json\r\n\r\n{")
    assert parts.endswith(b"\r\n-----\r\n")


async def test_a_broken_chunk_passes_the_policies_and_is_refused(gateway: LiveGateway) -> None:
    answer = await exchange(gateway.url, HEAD + b"transfer-encoding: chunked\r\n\r\n5\r\n{\r\nnonsense")
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400 ")
    assert b"x-request-id" in head.lower()
    assert orjson.loads(body)["errors"][0]["extensions"]["code"] == "BAD_REQUEST"


async def test_a_smuggled_request_is_not_answered(gateway: LiveGateway) -> None:
    both = HEAD + b"transfer-encoding: chunked\r\n" + LENGTH + CHUNKS + HEAD + LENGTH + BODY
    answer = await exchange(gateway.url, both)
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert answer.count(b"HTTP/1.1") == 1


async def test_a_declared_length_of_many_zeros_is_a_length(gateway: LiveGateway) -> None:
    length = b"content-length: %b%d\r\n\r\n" % (b"0" * 10_000, len(BODY))
    assert (await exchange(gateway.url, HEAD + CLOSE + length + BODY)).endswith(ANSWER)


async def test_a_head_request_gets_no_body(gateway: LiveGateway) -> None:
    answer = await exchange(gateway.url, b"HEAD /health HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
    assert b"content-length: %d\r\n" % len(b'{"status":"UP"}') in answer
    assert answer.endswith(b"\r\n\r\n")


async def test_deferred_parts_come_from_the_snapshot_that_they_began_on(tmp_path: Path) -> None:
    async with reloading(tmp_path) as gateway:
        gateway.reviews.hold = asyncio.Event()
        query = orjson.dumps({"query": "{ me { name ... @defer { reviews } } }"})
        headers = {"accept": "multipart/mixed;deferSpec=20220824", "content-type": "application/json"}
        async with gateway.session.post(f"{gateway.url}/graphql", data=query, headers=headers) as response:
            await response.content.readuntil(b'"hasNext":true}')
            await gateway.reviews.arrived.wait()
            gateway.add_field("age")
            gateway.router.reload()
            await gateway.becomes('router_supergraph_reloads_total{result="success"}', 1)
            assert gateway.router._generations is not None
            assert sum(generation.requests for generation in gateway.router._generations._open) == 1
            gateway.reviews.hold.set()
            assert b'"reviews":["good"]' in await response.content.read()
        await gateway.released()
