"""Cross-site request forgery.

A page on another site can make a browser send a "simple" request, cookies included, without asking first. So a
request must show either that the browser had to ask (a content type or a header that is not simple), which CORS then
decides, or it is refused. Simple content types are those of https://fetch.spec.whatwg.org/#cors-safelisted-request-header

A request that bears no mark of a browser and no credential that a browser adds by itself passes: there is nobody whose
name it could be sent in, and ``curl`` can ask with a plain GET. So does one whose browser says that the page is our own
(https://w3c.github.io/webappsec-fetch-metadata/#sec-fetch-site-header), which no page can make it say.

On the GraphQL door a GET is asked, too: what it runs is decided by the text in it. On REST routes GET and HEAD are safe
by definition.
"""

import re
from collections.abc import Sequence
from functools import lru_cache

from multidict import istr

from router.errors import CsrfError, UnsupportedMediaTypeError
from router.policy.pipeline import PromptPolicy
from router.policy.request import Request, Response

_MARKS_OF_A_BROWSER = ("cookie", "origin", "referer", "sec-fetch-site", "sec-fetch-mode")
_CONTENT_TYPE = istr("content-type")
_SIMPLE_TYPES = frozenset({"text/plain", "application/x-www-form-urlencoded", "multipart/form-data"})
_MEDIA_TYPE = re.compile(r"\s*([\w!#$&^.+*%'`|~-]+/[\w!#$&^.+*%'`|~-]+)\s*(?:;[^,]*)?", re.ASCII)


class Csrf(PromptPolicy):
    """Refuses requests that a browser may have sent without a preflight."""

    name = "csrf"
    priority = 2300

    def __init__(self, *, required_headers: Sequence[str]) -> None:
        self._required_headers = tuple(required_headers)

    def decide(self, request: Request) -> Response | None:
        """Raise ``CsrfError`` when nothing shows that a browser asked before it sent this."""
        if request.method == "OPTIONS" or (request.door == "rest" and request.method in ("GET", "HEAD")):
            return None
        media_type = _media_type(request)
        if request.method in ("GET", "HEAD") and media_type not in (None, "application/json"):
            # Browsers have been found that send odd content types on a GET without a preflight (GHSA-hff2-gcpx-8f4p),
            # and no client has a reason to.
            raise UnsupportedMediaTypeError("A GET request has no content type but application/json")
        if media_type is not None and media_type not in _SIMPLE_TYPES and media_type != "":
            return None
        if any(request.headers.get(name) for name in self._required_headers):
            return None
        if not _may_come_from_a_page(request):
            return None
        raise CsrfError(
            "This request could come from a page on another site. Send a content-type that is not a form's, such as "
            f"application/json, or one of the headers {', '.join(self._required_headers)}"
        )


def _may_come_from_a_page(request: Request) -> bool:
    if request.headers.getall("sec-fetch-site", []) in (["same-origin"], ["none"]):
        return False
    if any(name in request.headers for name in _MARKS_OF_A_BROWSER):
        return True
    authorization = request.headers.get("authorization")
    # A page cannot set the header without a preflight, but browsers add Basic and Negotiate by themselves.
    return authorization is not None and not authorization.lower().startswith("bearer ")


def _media_type(request: Request) -> str | None:
    """The content type without parameters, lower case: ``None`` if there is none, ``""`` if it cannot be read."""
    if _CONTENT_TYPE not in request.headers:
        return None
    values = request.headers.getall(_CONTENT_TYPE)
    return _read_media_type(values[0]) if len(values) == 1 else ""


@lru_cache(maxsize=256)
def _read_media_type(content_type: str) -> str:
    match = _MEDIA_TYPE.fullmatch(content_type)
    return match[1].lower() if match else ""
