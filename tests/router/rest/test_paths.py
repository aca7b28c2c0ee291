"""Paths and templates."""

import pytest

from router.rest.errors import BadPathError
from router.rest.path import is_ambiguous, join_path, parse_template, split_path


@pytest.mark.parametrize(
    ("raw", "segments"),
    [
        ("/", ("",)),
        ("/a/b", ("a", "b")),
        ("/a/", ("a", "")),
        ("/a%20b", ("a b",)),
        ("/%C3%A9", ("é",)),
        ("/a%2Fb", ("a/b",)),
        ("/a+b", ("a+b",)),
        ("/100%25", ("100%",)),
        ("/...", ("...",)),
        ("/a;v=1", ("a;v=1",)),
        ("/%41", ("A",)),
    ],
)
def test_segments_are_decoded_once(raw: str, segments: tuple[str, ...]) -> None:
    assert split_path(raw) == segments


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "a",
        "*",
        "/..",
        "/a/../b",
        "/a/./b",
        "/a/%2e%2e/b",
        "/a/%2E./b",
        "/a/%252e%252e/b",
        "/a/%25252e%25252e/b",
        "/a/..;/b",
        "/a/..;x=1/b",
        "/a/..%2Fb",
        "/a/..%252Fb",
        "/a/x%2F..%2Fb",
        "/a\\b",
        "/a%5Cb",
        "/a%5c..%5cb",
        "/a%00",
        "/a%0d%0ab",
        "/a%7f",
        "//a",
        "/a//b",
        "/a%",
        "/a%2",
        "/a%zz",
        "/a%ff",
    ],
)
def test_a_path_that_servers_could_read_differently_is_refused(raw: str) -> None:
    with pytest.raises(BadPathError):
        split_path(raw)


@pytest.mark.parametrize("segment", ["a/b", "a%2Fb", "a%252fb"])
def test_a_slash_in_a_segment_is_ambiguous(segment: str) -> None:
    assert is_ambiguous(segment)


@pytest.mark.parametrize("segment", ["ab", "100%", "a%41"])
def test_a_segment_without_slash_is_not_ambiguous(segment: str) -> None:
    assert not is_ambiguous(segment)


def test_a_path_is_encoded_in_one_way() -> None:
    assert join_path(split_path("/%61%20b/%C3%A9/x:y@z/%3F%23")) == "/a%20b/%C3%A9/x:y@z/%3F%23"


@pytest.mark.parametrize(
    ("template", "path", "parameters"),
    [
        ("/orders", "/orders", {}),
        ("/orders", "/orders/", None),
        ("/orders", "/orders/1", None),
        ("/orders", "/Orders", None),
        ("/orders/{id}", "/orders/1", {"id": "1"}),
        ("/orders/{id}", "/orders/a%2Fb", {"id": "a/b"}),
        ("/orders/{id}", "/orders/", None),
        ("/orders/{id}", "/orders", None),
        ("/users/{user}/orders/{id}", "/users/u/orders/o", {"user": "u", "id": "o"}),
        ("/products/{rest*}", "/products", {"rest": ""}),
        ("/products/{rest*}", "/products/", {"rest": ""}),
        ("/products/{rest*}", "/products/a/b/", {"rest": "a/b/"}),
        ("/products/{rest*}", "/productsx", None),
        ("/", "/", {}),
    ],
)
def test_a_template_fits_whole_paths(template: str, path: str, parameters: dict[str, str] | None) -> None:
    assert parse_template(template).match(split_path(path)) == parameters


@pytest.mark.parametrize(
    ("template", "other", "covers"),
    [
        ("/a", "/a", True),
        ("/a", "/b", False),
        ("/{x}", "/a", True),
        ("/{x}", "/{y}", True),
        ("/a", "/{x}", False),
        ("/{x}", "/a/b", False),
        ("/{x}", "/", False),
        ("/{x*}", "/a/{b}/c", True),
        ("/a/{x*}", "/a", True),
        ("/a/{x*}", "/a/{y*}", True),
        ("/a/{x*}", "/b/{y*}", False),
        ("/a/{x}", "/a/{y*}", False),
    ],
)
def test_a_template_covers_another_if_it_fits_all_of_its_paths(template: str, other: str, *, covers: bool) -> None:
    assert parse_template(template).covers(parse_template(other)) is covers
