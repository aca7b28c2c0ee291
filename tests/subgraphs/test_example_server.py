import socket
import sys
from asyncio import create_subprocess_exec
from asyncio.subprocess import PIPE
from pathlib import Path

import pytest
from graphql import parse

from subgraphs.database import open_database
from subgraphs.orders.service import EXAMPLE as ORDERS
from subgraphs.products.service import EXAMPLE as PRODUCTS
from subgraphs.server import Example, main
from subgraphs.users.service import EXAMPLE as USERS
from tests.subgraphs.running_example import running

EXAMPLES = [USERS, ORDERS, PRODUCTS]


def test_the_examples_listen_where_the_demo_expects_them() -> None:
    assert {example.name: example.port for example in EXAMPLES} == {"users": 4101, "orders": 4102, "products": 4103}


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
async def test_an_example_tells_its_health(example: Example) -> None:
    async with running(example) as service:
        assert await service.get("/health") == (200, {"status": "UP"})


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
async def test_an_example_tells_its_sdl(example: Example) -> None:
    async with running(example) as service:
        assert await service.data("{ _service { sdl } }") == {"_service": {"sdl": str(example.schema)}}


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
def test_the_sdl_is_printed_on_demand(example: Example, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(example, ["--sdl"]) == 0
    printed = capsys.readouterr().out
    assert "https://specs.apollo.dev/federation/v2" in printed
    parse(printed)


def test_orders_require_fields_of_products() -> None:
    assert 'shippingEstimate: Int @requires(fields: "price weight")' in str(ORDERS.schema)


def test_products_have_two_keys() -> None:
    assert 'type Product @key(fields: "upc") @key(fields: "sku brand { id }")' in str(PRODUCTS.schema)


def test_a_database_file_starts_with_the_same_data_each_time(tmp_path: Path) -> None:
    path = str(tmp_path / "users.db")
    connection = open_database("subgraphs.users", path)
    connection.execute("DELETE FROM users")
    connection.close()
    connection = open_database("subgraphs.users", path)
    (count,) = connection.execute("SELECT count(*) FROM users").fetchone()
    connection.close()
    assert count == 6


def test_a_file_that_is_no_database_is_reported(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("not a database, " * 100)
    assert main(USERS, ["--database", str(path)]) == 1
    assert capsys.readouterr().err == f"users: cannot use the database {path}: file is not a database\n"


def test_a_taken_port_is_reported(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert main(USERS, ["--port", str(port)]) == 1
    assert capsys.readouterr().err == f"users: cannot listen on 127.0.0.1:{port}: Address already in use\n"


async def test_a_child_stops_when_its_parent_is_gone() -> None:
    process = await create_subprocess_exec(
        sys.executable, "-m", "subgraphs.child", "subgraphs.users", "--port", "0", stdin=PIPE, stderr=PIPE
    )
    assert process.stdin is not None
    assert process.stderr is not None
    assert (await process.stderr.readline()).startswith(b"users: http://127.0.0.1:")
    process.stdin.close()
    await process.stdin.wait_closed()
    assert await process.wait() == 0
