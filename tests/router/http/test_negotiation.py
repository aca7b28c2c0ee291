import pytest

from router.http.negotiation import is_json, response_format, takes_deferred_parts

GRAPHQL = "application/graphql-response+json; charset=utf-8"
JSON = "application/json; charset=utf-8"


@pytest.mark.parametrize(
    ("accept", "content_type"),
    [
        (None, JSON),
        ("", JSON),
        ("*/*", JSON),
        ("application/*", JSON),
        ("application/json", JSON),
        ("application/json; charset=utf-8", JSON),
        ("APPLICATION/JSON", JSON),
        ("application/graphql-response+json", GRAPHQL),
        ("application/graphql-response+json, application/json", GRAPHQL),
        ("application/json, application/graphql-response+json", JSON),
        ("application/json;q=0.9, application/graphql-response+json", GRAPHQL),
        ("application/graphql-response+json;q=0.5, application/json;q=0.6", JSON),
        ("application/graphql-response+json, */*;q=0.1", GRAPHQL),
        ("application/json;q=0, */*", GRAPHQL),
        ("text/html, */*;q=0.1", JSON),
        ("application/graphql-response+json;q=0.5, */*;q=0.6", JSON),
        ("application/graphql-response+json;q=1.000, application/json;q=0.999", GRAPHQL),
        ("application/json;q=.5, application/graphql-response+json;q=0.6", GRAPHQL),
        ("application/json;charset=utf-16, application/graphql-response+json;q=0.1", GRAPHQL),
        ('application/graphql-response+json;charset="UTF-8"', GRAPHQL),
        ('text/html;note="a, application/graphql-response+json;q=1", application/json;q=0.1', JSON),
        ('text/html;note="\\", application/json"', None),
        ("application/json;charset=utf-16", None),
        ("application/json;q=nan", None),
        ("application/json;q=-1", None),
        ("application/json;q=1e9", None),
        ("text/html", None),
        ("application/json;q=0", None),
        ("application/json;q=nonsense", None),
        ("*/*;q=0", None),
        ("text/event-stream, multipart/mixed", None),
    ],
)
def test_the_answer_has_the_type_that_the_client_prefers(accept: str | None, content_type: str | None) -> None:
    found = response_format(accept)
    assert (found.content_type if found else None) == content_type


@pytest.mark.parametrize(
    ("accept", "hides"),
    [
        ("application/json", True),
        ("application/json, text/plain, */*", True),
        ("application/graphql-response+json;q=0.9, application/json", True),
        ("application/graphql-response+json, application/json;q=0.9", False),
        ("application/*", False),
        ("*/*", False),
        (None, False),
    ],
)
def test_only_who_names_plain_json_is_not_told_errors_by_status(accept: str | None, *, hides: bool) -> None:
    found = response_format(accept)
    assert found is not None
    assert found.hides_request_errors is hides


@pytest.mark.parametrize(
    "content_type",
    ["application/json", "application/json; charset=utf-8", 'Application/JSON;charset="UTF-8"', "application/json;x=y"],
)
def test_json_in_utf8_is_read(content_type: str) -> None:
    assert is_json(content_type)


@pytest.mark.parametrize(
    "content_type",
    [None, "", "text/plain", "application/json; charset=latin-1", "application/graphql", "application/jsonx"],
)
def test_all_else_is_not(content_type: str | None) -> None:
    assert not is_json(content_type)


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        ("multipart/mixed;deferSpec=20220824", True),
        ('multipart/mixed; deferSpec="20220824", application/json', True),
        ("application/json, Multipart/Mixed; boundary=-; DEFERSPEC=20220824;q=0.5", True),
        ("multipart/mixed;deferSpec=20220824;q=0, application/json", False),
        ("multipart/mixed;deferSpec=20250101", False),
        ("multipart/mixed", False),
        ("multipart/*", False),
        ("*/*", False),
        (None, False),
    ],
)
def test_only_who_names_the_format_gets_deferred_parts(accept: str | None, *, expected: bool) -> None:
    assert takes_deferred_parts(accept) is expected
