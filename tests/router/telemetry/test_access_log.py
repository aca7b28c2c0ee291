"""One line for each request, and no credential in any."""

import io
import select
import threading
from datetime import UTC, datetime
from pathlib import Path

import orjson
import pytest

from router.identity.identity import Identity
from router.policy.request import Request, Response
from router.redaction import REDACTED, redact
from router.telemetry.access_log import AccessLog, Line, LineWriter, open_output
from tests.issuer import token
from tests.requests_in import request_in

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC).timestamp()


def ready(text: bytes) -> Line:
    """A line that is this text."""
    return lambda: text


def log_line(request: Request, response: Response, **options: tuple[str, ...]) -> Line:
    """What the log takes down of a request."""
    written: list[Line] = []
    log = AccessLog(
        written.append,
        headers=options.get("headers", ()),
        redacted=options.get("redacted", ()),
        now=lambda: NOON,
    )
    log.log(request, response, seconds=0.0123456, trace_id="t" * 32)
    (line,) = written
    return line


def line_of(request: Request, response: Response, **options: tuple[str, ...]) -> dict[str, object]:
    line = log_line(request, response, **options)()
    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1
    content: dict[str, object] = orjson.loads(line)
    return content


def test_a_line_tells_what_happened() -> None:
    request = request_in("rest", identity=Identity(id="ada", method="jwt"))
    request.id = "r1"
    request.log_fields.update(operation_name="Me", cost=5)
    assert line_of(request, Response(status=502, error_codes=("BAD_GATEWAY",))) == {
        "ts": "2026-01-02T12:00:00+00:00",
        "method": "POST",
        "path": "/api/v1/things/7",
        "route": "things",
        "status": 502,
        "duration_ms": 12.346,
        "consumer": "ada",
        "request_id": "r1",
        "trace_id": "t" * 32,
        "error_codes": ["BAD_GATEWAY"],
        "operation_name": "Me",
        "cost": 5,
    }


def test_headers_are_logged_by_name_and_credentials_never() -> None:
    headers = {"User-Agent": "curl", "Authorization": "Bearer abc", "X-Api-Key": "k", "X-Other": "o"}
    line = line_of(
        request_in(headers=headers),
        Response(status=200),
        headers=("user-agent", "Authorization", "x-api-key", "x-absent"),
        redacted=("authorization", "X-API-Key"),
    )
    assert line["headers"] == {"user-agent": "curl", "authorization": REDACTED, "x-api-key": REDACTED}


def test_tokens_are_masked_wherever_they_stand() -> None:
    text = token()
    request = request_in(headers={"referer": f"https://x.example/?token={text}"})
    request.path = f"/reset/{text}"
    request.log_fields.update(note=f"Bearer {text}", nested={"list": [f"see {text}"]}, authorization="abc")
    line = line_of(request, Response(status=200), headers=("referer",), redacted=("authorization",))
    assert text not in str(line)
    assert line["path"] == f"/reset/{REDACTED}"
    assert line["authorization"] == REDACTED


def test_a_line_tells_what_was_true_when_its_request_ended() -> None:
    request, response = request_in("rest"), Response(status=200)
    request.log_fields["note"] = "before"
    line = log_line(request, response)
    request.log_fields.update(note="after", more=1)
    request.path, response.status = "/elsewhere", 500
    told = orjson.loads(line())
    assert (told["note"], told["path"], told["status"]) == ("before", "/api/v1/things/7", 200)
    assert "more" not in told


def test_a_header_that_is_not_utf_8_is_logged_escaped() -> None:
    request = request_in(headers={"x-odd": "caf\udce9"})
    line = log_line(request, Response(status=200), headers=("x-odd",))()
    assert b'"x-odd": "caf\\udce9"' in line


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("Bearer abc.def", REDACTED),
        ("a basic dXNlcjpwYXNz, b", f"a {REDACTED}, b"),
        ("/basic/things", "/basic/things"),
        ("nothing here", "nothing here"),
        (7, 7),
        (None, None),
    ],
)
def test_what_looks_like_a_credential_is_masked(value: object, expected: object) -> None:
    assert redact(value) == expected


def test_lines_reach_the_file_when_the_writer_is_closed(tmp_path: Path) -> None:
    path = tmp_path / "access.log"
    path.write_bytes(b"before\n")
    writer = LineWriter(open_output(str(path)), on_drop=lambda: None)
    for number in range(1000):
        writer(ready(b"%d\n" % number))
    writer.close()
    assert path.read_bytes().splitlines() == [b"before", *(b"%d" % number for number in range(1000))]


def test_a_line_that_cannot_be_made_is_dropped_alone(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "access.log"
    drops: list[None] = []
    writer = LineWriter(open_output(str(path)), on_drop=lambda: drops.append(None))

    def broken() -> bytes:
        raise ValueError("a bug")

    writer(broken)
    writer(ready(b"x\n"))
    writer.close()
    assert path.read_bytes() == b"x\n"
    assert len(drops) == 1
    assert "access-log line cannot be made" in caplog.text


class Pipe(io.BytesIO):
    """A file that remembers what it got in one piece."""

    def __init__(self) -> None:
        super().__init__()
        self.pieces: list[bytes] = []

    def write(self, piece: object, /) -> int:
        assert isinstance(piece, bytes)
        self.pieces.append(piece)
        return len(piece)


def test_lines_are_written_in_pieces_that_a_pipe_keeps_whole() -> None:
    pipe = Pipe()
    lines = [b"%d %b\n" % (number, b"x" * (number * 7 % 600)) for number in range(300)]
    long_line = b"y" * 10_000 + b"\n"
    writer = LineWriter(pipe, on_drop=lambda: None)
    for line in (*lines, long_line):
        writer(ready(line))
    writer.close()
    assert b"".join(pipe.pieces) == b"".join(lines) + long_line
    assert pipe.pieces[-1] == long_line
    assert max(map(len, pipe.pieces[:-1])) <= select.PIPE_BUF
    assert all(piece.endswith(b"\n") for piece in pipe.pieces)


class CountedFile(io.FileIO):
    """A file on a disk that knows how often it was written to."""

    writes = 0

    def write(self, piece: object, /) -> int:
        assert isinstance(piece, bytes)
        self.writes += 1
        return super().write(piece)


def test_lines_go_to_a_file_in_large_pieces(tmp_path: Path) -> None:
    path = tmp_path / "access.log"
    lines = [b"%d %b\n" % (number, b"x" * 600) for number in range(300)]
    with CountedFile(path, "wb") as file:
        writer = LineWriter(file, on_drop=lambda: None)
        for line in lines:
            writer(ready(line))
        writer.close()
        writes = file.writes
    assert path.read_bytes() == b"".join(lines)
    assert writes <= sum(map(len, lines)) // select.PIPE_BUF // 4


class StuckFile(io.BytesIO):
    """A file that takes nothing until it is released."""

    def __init__(self) -> None:
        super().__init__()
        self.released = threading.Event()

    def write(self, line: object, /) -> int:
        self.released.wait()
        assert isinstance(line, bytes)
        return super().write(line)

    def close(self) -> None:
        """Stay readable."""


def test_lines_that_a_slow_file_cannot_take_are_dropped_and_counted() -> None:
    file = StuckFile()
    drops: list[None] = []
    writer = LineWriter(file, on_drop=lambda: drops.append(None), waiting_lines=10)
    for _ in range(100):
        writer(ready(b"x\n"))
    file.released.set()
    writer.close()
    assert len(drops) >= 89
    assert len(file.getvalue().splitlines()) + len(drops) == 100


class FullDisk(io.BytesIO):
    def write(self, line: object, /) -> int:
        raise OSError(line)


def test_a_full_disk_costs_lines_only() -> None:
    drops: list[None] = []
    writer = LineWriter(FullDisk(), on_drop=lambda: drops.append(None))
    writer(ready(b"x\n"))
    writer(ready(b"y\n"))
    writer.close()
    assert len(drops) == 2


@pytest.mark.parametrize("output", ["stdout", "stderr"])
def test_standard_streams_are_written_to_and_stay_open(output: str, capfd: pytest.CaptureFixture[str]) -> None:
    for _ in range(2):
        writer = LineWriter(open_output(output), on_drop=lambda: None)
        writer(ready(b"line\n"))
        writer.close()
    captured = capfd.readouterr()
    assert (captured.out if output == "stdout" else captured.err) == "line\nline\n"


def test_an_output_that_cannot_be_opened_is_an_error_at_the_start(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file"):
        open_output(str(tmp_path / "missing" / "access.log"))
