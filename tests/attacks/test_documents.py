"""Documents that cost much more to read, check or plan than to write.

Whatever is sent, it is refused without running anything, and the gateway goes on. Advisories are named where a product
had the hole.
"""

import gzip
import json

import pytest

from tests.attacks.target import JSON, Target

DEPTH = 10_000


def fragments(levels: int, *, end: str) -> str:
    """Each fragment spreads the next one twice: 2^levels fields, if somebody writes them out."""
    chain = "".join(f"fragment F{level} on Query {{ ...F{level + 1} ...F{level + 1} }}\n" for level in range(levels))
    return f"{{ ...F0 }}\n{chain}fragment F{levels} on Query {{ {end} }}"


BOMBS = {
    "aliases": "{ " + " ".join(f"a{number}: __typename" for number in range(1000)) + " }",
    # graphql-java: CVE-2022-37734
    "directives": "{ __typename " + "@a" * 20_000 + " }",
    "known directives": "{ " + "__typename @skip(if: false) " * 2000 + "}",
    # graphql-go: CVE-2022-21708
    "deep selections": "{ a" * DEPTH + " }" * DEPTH,
    "deep lists": "{ a(b: " + "[" * DEPTH + "]" * DEPTH + ") }",
    "deep objects": "{ a(b: " + "{c: " * DEPTH + "1" + "}" * DEPTH + ") }",
    "deep types": "query ($v: " + "[" * DEPTH + "Int" + "]" * DEPTH + ") { __typename }",
    "cyclic fragments": "{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }",
    "fragment of itself": "{ ...A } fragment A on Query { ...A }",
    "tokens": "{ " + "__typename " * 100_000 + "}",
    "variables": "query (" + " ".join(f"$v{number}: Int" for number in range(20_000)) + ") { __typename }",
    "long name": "{ " + "a" * 1_000_000 + " }",
    "unclosed string": '{ a(b: "' + "x" * 100_000,
    "unclosed block string": '{ a(b: """' + "\\" * 100_000,
}


@pytest.mark.parametrize("query", BOMBS.values(), ids=BOMBS.keys())
async def test_a_bomb_is_refused_and_nothing_else_happens(target: Target, query: str) -> None:
    assert (await target.ask(query)).is_refusal
    assert await target.is_alive()


# Apollo Router: GHSA-q2f9-x4p4-7xmh, GHSA-p2q6-pwh5-m6jr
@pytest.mark.parametrize("levels", [10, 25, 100])
async def test_fragments_are_not_written_out(target: Target, levels: int) -> None:
    reply = await target.ask(fragments(levels, end="__typename"))
    assert reply.status < 500
    assert await target.is_alive()


# graphql-js: CVE-2023-26144
async def test_fields_that_may_be_merged_are_not_compared_pair_by_pair(target: Target) -> None:
    repeated, inside = " ".join(["...A", "...B"] * 500), "__typename " * 500
    reply = await target.ask(f"{{ {repeated} }} fragment A on Query {{ {inside} }} fragment B on Query {{ {inside} }}")
    assert reply.status < 500
    assert await target.is_alive()


@pytest.mark.parametrize("count", [2, 1000])
async def test_a_batch_does_not_get_around_the_limits(target: Target, count: int) -> None:
    assert (await target.post([{"query": "{ __typename }"}] * count)).is_refusal


async def test_introspection_does_not_go_in_circles(target: Target) -> None:
    circle = "{ __schema { types { fields { type " + "{ fields { type " * 8 + "{ name }" + " } }" * 8 + " } } } }"
    assert (await target.ask(circle)).is_refusal


# Apollo Router: GHSA-cgqf-3cq5-wvcj
async def test_a_small_body_does_not_unfold_into_a_large_one(target: Target) -> None:
    body = b'{"query": "{ __typename }", "x": "' + b"0" * 200_000_000 + b'"}'
    packed = gzip.compress(body, 9)
    assert len(packed) < 300_000
    assert (await target.post(packed, {**JSON, "content-encoding": "gzip"})).is_refusal
    assert await target.is_alive()


async def test_a_body_that_is_packed_twice_is_not_unpacked_twice(target: Target) -> None:
    packed = gzip.compress(gzip.compress(b'{"query": "{ __typename }"}'))
    assert (await target.post(packed, {**JSON, "content-encoding": "gzip, gzip"})).is_refusal


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[",
        b"[" * 100_000,
        b'{"query":' * 50_000,
        b"nul",
        b"\xff\xfe",
        b'{"query": "{ __typename }"} x',
        b"1" * 5000,
    ],
    ids=["nothing", "half", "deep", "deep objects", "word", "no text", "more behind", "number"],
)
async def test_what_is_no_request_is_refused(target: Target, body: bytes) -> None:
    assert (await target.post(body)).is_refusal
    assert await target.is_alive()


@pytest.mark.parametrize(
    "variables",
    [{"v": {"a": [[[[]]]]}}, {"v": "x" * 100_000}, {"v": 10**400}, {"__proto__": {"x": 1}}, [], "text", 7],
    ids=["nested", "long", "huge", "prototype", "list", "text", "number"],
)
async def test_odd_variables_cause_no_failure(target: Target, variables: object) -> None:
    body = b'{"query": "query ($v: Int) { __typename }", "variables": %s}' % json.dumps(variables).encode()
    reply = await target.post(body)
    assert reply.status < 500
    assert await target.is_alive()
