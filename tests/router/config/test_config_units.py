import pytest

from router.config.listen import Address, parse_address
from router.config.units import format_duration, parse_duration, parse_size


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("50ms", 0.05), ("10s", 10), ("5m", 300), ("24h", 86400), ("7d", 604800), ("1h30m", 5400), ("0.5s", 0.5), (0, 0)],
)
def test_a_duration_is_read_in_seconds(text: object, seconds: float) -> None:
    assert parse_duration(text) == pytest.approx(seconds)


@pytest.mark.parametrize("text", ["5", "5 s", "s", "", "-5s", "5x", 6, True, False, None, "5s!"])
def test_what_has_no_unit_is_no_duration(text: object) -> None:
    with pytest.raises(ValueError, match="a duration is a number with a unit"):
        parse_duration(text)


@pytest.mark.parametrize(
    ("text", "size"), [("1MB", 10**6), ("500 KB", 500_000), ("1MiB", 2**20), ("12", 12), (13, 13), ("1.5kB", 1500)]
)
def test_a_size_is_read_in_bytes(text: object, size: int) -> None:
    assert parse_size(text) == size


@pytest.mark.parametrize("text", ["1M", "MB", "", -1.5, True, None])
def test_what_is_no_number_of_bytes_is_no_size(text: object) -> None:
    with pytest.raises(ValueError, match="a size is a number of bytes"):
        parse_size(text)


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("127.0.0.1:4000", Address("127.0.0.1", 4000)),
        ("[::1]:80", Address("::1", 80)),
        (":4000", Address("0.0.0.0", 4000)),  # noqa: S104 - nothing listens here
        ("localhost:0", Address("localhost", 0)),
    ],
)
def test_a_listen_address_is_host_and_port(text: str, address: Address) -> None:
    assert parse_address(text) == address


@pytest.mark.parametrize("text", ["localhost", "localhost:", "localhost:70000", "::1:80", "a:b"])
def test_what_is_no_listen_address_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="a listen address is host:port"):
        parse_address(text)


def test_an_ipv6_address_is_printed_with_brackets() -> None:
    assert str(Address("::1", 80)) == "[::1]:80"


@pytest.mark.parametrize("text", ["50ms", "10s", "5m", "24h", "7d", "1.5s", "0s", "90s"])
def test_a_duration_is_written_as_it_is_read(text: str) -> None:
    assert parse_duration(format_duration(parse_duration(text))) == pytest.approx(parse_duration(text))


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.05, "50ms"), (300.0, "5m"), (1.5, "1.5s"), (0.0, "0s"), (90.0, "90s")]
)
def test_a_duration_is_written_in_the_unit_that_fits(seconds: float, text: str) -> None:
    assert format_duration(seconds) == text
