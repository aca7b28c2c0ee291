"""Subgraphs that answer from a dictionary."""

import orjson

from benchmarks.harness.subgraph_server import Answers

QUERY = "{ headliner { id name } }"


def body_of(query: str, **variables: object) -> bytes:
    return orjson.dumps({"query": query, "variables": variables})


def content(response: bytes) -> dict[str, object]:
    decoded = orjson.loads(response.partition(b"\r\n\r\n")[2])
    assert isinstance(decoded, dict)
    return decoded


def test_the_same_body_is_executed_once() -> None:
    answers = Answers()
    first, second = (answers.answer(b"/same/bands", body_of(QUERY)) for _ in range(2))
    assert (first == second, answers.counts.requests, answers.counts.new) == (True, 2, 1)


def test_a_response_says_how_long_it_is() -> None:
    head, _, body = Answers().answer(b"/same/bands", body_of(QUERY)).partition(b"\r\n\r\n")
    assert head.endswith(b"content-length: %d" % len(body))


def test_an_alias_of_another_number_is_not_executed_again() -> None:
    answers = Answers()
    answers.answer(b"/same/bands", body_of("{ headliner { alias_00000001: name } }"))
    answer = answers.answer(b"/same/bands", body_of("{ headliner { alias_00000002: name } }"))
    assert answers.counts.new == 1
    assert list(content(answer)["data"]["headliner"]) == ["alias_00000002"]  # type: ignore[index]  # JSON


def test_another_order_is_another_query() -> None:
    answers = Answers()
    for query in (QUERY, "{ headliner { name id } }"):
        answers.answer(b"/same/bands", body_of(query))
    assert answers.counts.new == 2


def test_another_order_is_the_same_query_where_that_is_wanted() -> None:
    answers = Answers()
    for query in (QUERY, "{ headliner { name id } }"):
        answers.answer(b"/any_order/bands", body_of(query))
    assert answers.counts.new == 1


def test_the_order_of_representations_always_matters() -> None:
    query = "query ($r: [_Any!]!) { _entities(representations: $r) { ... on Band { id } } }"
    one, two = ({"__typename": "Band", "id": id_} for id_ in "12")
    answers = Answers()
    answers.answer(b"/any_order/bands", body_of(query, r=[one, two]))
    answer = answers.answer(b"/any_order/bands", body_of(query, r=[two, one]))
    assert content(answer) == {"data": {"_entities": [{"id": "2"}, {"id": "1"}]}}


def test_counts_are_since_the_last_look() -> None:
    answers = Answers()
    answers.answer(b"/same/bands", body_of(QUERY))
    looks = [content(answers.answer(b"/counts", b""))["requests"] for _ in range(2)]
    assert looks == [1, 0]
