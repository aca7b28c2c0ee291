"""The gateway's own HTTP/1.1 server: sockets on one side, ``answer(request) -> Response`` on the other."""

from router.http.server.request import Answer, BrokenBodyError, IncomingRequest, RequestBody
from router.http.server.server import HttpServer, Timeouts

__all__ = ["Answer", "BrokenBodyError", "HttpServer", "IncomingRequest", "RequestBody", "Timeouts"]
