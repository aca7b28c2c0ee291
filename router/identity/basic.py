"""User names and passwords: the authenticator ``basic``.

https://www.rfc-editor.org/rfc/rfc7617

Passwords are hashed with bcrypt, which is slow by design: it runs in a thread, and a password that was right is
remembered for a while by a keyed hash that exists only in memory.
"""

import asyncio
import base64
import binascii
import hashlib
import hmac
import logging
import secrets
from collections.abc import Callable
from pathlib import Path

import bcrypt

from router.errors import InvalidAuthHeaderError, InvalidCredentialsError
from router.identity.authenticator import Presented
from router.identity.identity import Identity
from router.identity.remembered import Remembered

_log = logging.getLogger(__name__)

REMEMBER_SECONDS = 60.0
_REMEMBERED = 4096
_LONGEST_HEADER = 4096
_BCRYPT_BYTES = 72
"""bcrypt looks at no more of a password."""

_NOBODY = b"$2b$10$eaI722LUevSW6QOLqjZ0aeK6iXoTI2ZCcCsFsHFjy.tlADWFzE/IK"
"""Checked for users that do not exist, so that the time of an answer does not tell who does."""


class UsersFile:
    """An htpasswd file, read again when it changes.

    Raises ``OSError`` or ``ValueError`` if the file is of no use when the gateway starts; later the last good content
    stays.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._read_at = self._stamp()
        self._users = _parse(path)

    def password_hash(self, user: str) -> bytes | None:
        """The bcrypt hash of a user's password."""
        try:
            stamp = self._stamp()
            if stamp != self._read_at:
                self._users = _parse(self._path)
                self._read_at = stamp
        except (OSError, ValueError) as error:
            _log.error("users file cannot be read, the last good one stays", extra={"detail": str(error)})
        return self._users.get(user)

    def _stamp(self) -> tuple[int, int]:
        status = self._path.stat()
        return status.st_mtime_ns, status.st_size


class BasicAuth:
    """An ``Authenticator``."""

    name = "basic"
    credential_headers = frozenset({"authorization"})

    def __init__(self, users: UsersFile, *, realm: str, clock: Callable[[], float]) -> None:
        self._users = users
        self._secret = secrets.token_bytes(32)
        self._right: Remembered[bytes, bool] = Remembered(seconds=REMEMBER_SECONDS, limit=_REMEMBERED, clock=clock)
        self.challenge = f'Basic realm="{realm}", charset="UTF-8"'

    async def authenticate(self, presented: Presented) -> Identity | None:
        """The user; raises ``InvalidCredentialsError`` or ``InvalidAuthHeaderError``."""
        headers = [value for value in presented.headers.getall("authorization", []) if value[:6].lower() == "basic "]
        if not headers:
            return None
        user, password = _read(headers)
        stored = self._users.password_hash(user)
        mark = hmac.digest(self._secret, b"\0".join((stored or b"", user.encode(), password)), "sha256")
        if not self._right.get(mark):
            right = await asyncio.to_thread(_matches, password, stored or _NOBODY)
            if not right or stored is None:
                _log.info("password refused", extra={"reason": "unknown user" if stored is None else "wrong password"})
                raise InvalidCredentialsError(challenge=self.challenge)
            self._right.put(mark, True)  # noqa: FBT003 - the value
        return Identity(id=user, method=self.name)

    async def work(self) -> None:
        """Nothing to do."""

    async def close(self) -> None:
        """Nothing is held."""


def _parse(path: Path) -> dict[str, bytes]:
    users: dict[str, bytes] = {}
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        user, colon, hashed = text.partition(":")
        if not colon or not user or not hashed.startswith(("$2a$", "$2b$", "$2y$")):
            raise ValueError(f"{path}:{number}: each line is user:hash with a bcrypt hash, as from htpasswd -B")
        users[user] = hashed.replace("$2y$", "$2b$", 1).encode()
    return users


def _read(headers: list[str]) -> tuple[str, bytes]:
    if len(headers) > 1 or len(headers[0]) > _LONGEST_HEADER:
        raise InvalidAuthHeaderError("The header Authorization must come once")
    try:
        user, colon, password = base64.b64decode(headers[0][6:].strip(), validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        colon = ""
    if not colon:
        raise InvalidAuthHeaderError("Basic credentials are user:password in base64")
    return user, password.encode()


def _matches(password: bytes, hashed: bytes) -> bool:
    # A longer password would be right with any other end.
    if len(password) > _BCRYPT_BYTES or b"\0" in password:
        hashed, password = _NOBODY, hashlib.sha256(password).hexdigest().encode()
    return bcrypt.checkpw(password, hashed)
