import asyncio
from pathlib import Path

from router.config.listen import Address
from router.http.listener import Listener
from router.http.server import IncomingRequest
from router.policy.request import Response
from tests.live_gateway import live_gateway


async def test_a_body_that_does_not_come_is_not_waited_for(tmp_path: Path) -> None:
    head = b"POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 10\r\n\r\n"
    async with live_gateway(tmp_path, {"traffic_shaping": {"router": {"timeout": "50ms"}}}) as gateway:
        host, _, port = gateway.url.removeprefix("http://").partition(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(head)
        answer = await reader.readuntil(b"}]}")
        writer.close()
        await writer.wait_closed()
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert b'"REQUEST_TIMEOUT"' in answer


async def test_a_connection_without_a_request_is_closed() -> None:
    async def never(_: IncomingRequest) -> Response:
        raise AssertionError("nothing was asked")

    listener = Listener(Address("127.0.0.1", 0), never, first_request_seconds=0.05)
    await listener.start()
    reader, writer = await asyncio.open_connection(listener.address.host, listener.address.port)
    writer.write(b"POST / HTT")
    async with asyncio.timeout(10):
        assert await reader.read() == b""
    writer.close()
    await listener.stop(grace_seconds=1)
