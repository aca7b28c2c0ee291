"""A port that is kept for several processes."""

import socket

import pytest

from router.config.listen import Address
from router.http.listener import ListenError
from router.http.shared_port import reserved
from tests.free_ports import free_port


def listening(port: int, *, shared: bool) -> socket.socket:
    made = socket.socket()
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as servers do
    if shared:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    made.bind(("127.0.0.1", port))
    made.listen()
    return made


def test_several_may_listen_on_a_port_that_is_kept() -> None:
    with (
        reserved(Address("127.0.0.1", 0)) as address,
        listening(address.port, shared=True),
        listening(address.port, shared=True),
    ):
        assert address.port > 0


def test_connections_come_to_those_who_listen() -> None:
    with (
        reserved(Address("127.0.0.1", 0)) as address,
        listening(address.port, shared=True) as listener,
        socket.create_connection((address.host, address.port)),
    ):
        connection, _ = listener.accept()
        connection.close()


@pytest.mark.parametrize("shared", [True, False])
def test_a_port_that_another_program_has_is_refused(shared: bool) -> None:  # noqa: FBT001 - a parameter of the test
    with listening(0, shared=shared) as other:
        address = Address("127.0.0.1", other.getsockname()[1])
        with pytest.raises(ListenError, match="is taken by another program"), reserved(address):
            pass


def test_a_port_that_was_just_left_can_be_kept() -> None:
    with (
        listening(free_port(), shared=False) as listener,
        socket.create_connection(listener.getsockname()),
    ):
        port = listener.getsockname()[1]
        connection, _ = listener.accept()
        connection.close()  # our end goes first, and is remembered for a while
    with reserved(Address("127.0.0.1", port)) as address:
        assert address.port == port


def test_a_host_that_is_not_known_is_refused() -> None:
    with pytest.raises(ListenError, match="host name is not known"), reserved(Address("nowhere.invalid", 0)):
        pass
