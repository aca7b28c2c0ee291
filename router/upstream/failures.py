"""Why a call to another server gave no whole, valid HTTP response.

These end at ``sender.py`` and ``forward.py``, which turn them into outcomes and request errors. Their texts name
addresses and library messages: they are for logs, never for clients.
"""


class UpstreamError(Exception):
    """There is no response that could be used."""


class ConnectError(UpstreamError):
    """No connection could be opened."""


class ConnectionLostError(UpstreamError):
    """The connection ended before the response was complete."""


class MalformedResponseError(UpstreamError):
    """What arrived is not valid HTTP, or is HTTP that was not asked for."""


class ResponseTooLargeError(UpstreamError):
    """The response is larger than its limit, as sent or decompressed."""


class UpstreamTimeoutError(UpstreamError):
    """No connection within ``connect_timeout``, or no complete response within ``timeout``."""


class OverloadedError(UpstreamError):
    """All connections are busy and too many requests wait for one."""
