"""Addresses to listen on."""

import re
from dataclasses import dataclass
from typing import Annotated

from pydantic import AfterValidator

_ADDRESS = re.compile(r"(?P<host>\[[0-9a-fA-F:.]+\]|[^:\[\]]*):(?P<port>\d{1,5})")


@dataclass(frozen=True, slots=True)
class Address:
    """A host and a port; port 0 lets the system choose."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def parse_address(text: str) -> Address:
    """The address that ``127.0.0.1:4000``, ``[::1]:4000`` or ``:4000`` denotes. Raises ``ValueError``."""
    match = _ADDRESS.fullmatch(text.strip())
    if match is None or int(match["port"]) > 65535:
        raise ValueError("a listen address is host:port, such as 127.0.0.1:4000")
    return Address(match["host"].strip("[]") or "0.0.0.0", int(match["port"]))  # noqa: S104 - ":4000" asks for all


def _check(text: str) -> str:
    parse_address(text)
    return text


ListenAddress = Annotated[str, AfterValidator(_check)]
"""``host:port`` as text; ``parse_address`` takes it apart."""
