"""What a run of a plan takes, and what it makes of that."""

import pytest

from router.executor.spliced.shapes import Kind, Op, Shape, Step, field
from tests.router.executor.spliced.cutters import Splice
from tests.router.executor.spliced.splices import (
    BY_CODE,
    CODES,
    HOLED_RUN,
    IN_ITEMS,
    IN_OTHERS,
    ITEMS,
    LISTS,
    NAMES,
    SOLID_RUN,
    WHOLE,
    a_call,
    a_splice,
    answer,
    both_lists,
    entity_fetch,
    hole,
    holed,
    items,
    listed,
    named,
    names,
    noted,
    own,
    representation,
    root,
    secret,
    shown,
    solid,
    target,
    two_calls,
    two_lists,
    unusual,
    variables_of,
)

# --- answers ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("texts", [(), ("a",), ("a", "b", "c")])
def test_another_number_of_entities_than_was_asked_for_is_unusual(texts: tuple[str, ...]) -> None:
    splice = a_splice(ITEMS, NAMES)
    splice.take(0, items(1, 2, 1))
    splice.request(1, [])

    with unusual():
        splice.take(1, names(*texts))


def test_entities_that_were_not_asked_for_are_unusual() -> None:
    splice = a_splice(ITEMS, NAMES)
    splice.take(0, items(1))

    with unusual():
        splice.take(1, names("a"))


def test_the_entities_of_each_call_are_counted() -> None:
    splice = two_calls()
    splice.take(0, both_lists([1, 2], [3]))
    splice.request(1, [])

    with unusual():
        splice.take(1, answer(r=[{"name": "a"}], s=[{"size": 1}, {"size": 2}]))


def test_entities_may_be_counted_by_what_clients_do_not_see() -> None:
    call = a_call("r", [target(own(2))], runs=[], counted=0)
    splice = a_splice(root(listed("items", noted("id", 2))), entity_fetch(([secret("code", 0)], call)))
    splice.take(0, items(1, 2))
    splice.request(1, [])

    with unusual():
        splice.take(1, answer(r=[{"code": 1}]))
    splice.take(1, answer(r=[{"code": 1}, {"code": 2}]))


@pytest.mark.parametrize(
    "body", [b"", b"{", b'{"data":null}', b'{"data":{"items":[{"id":1}]}} ]', b'{"data":{"items":[{"id":[1]}]}}']
)
def test_an_answer_that_is_not_of_the_shape_is_unusual(body: bytes) -> None:
    splice = a_splice(ITEMS)

    with unusual():
        splice.take(0, body)


# --- what is left after something unusual -------------------------------------------------------------------------


@pytest.mark.parametrize("body", [b"{", b'{"data":{"v":', b'{"data":{"v":1}', b'{"data":{"v":1}} ]', b'{"data":null}'])
def test_a_refused_answer_is_not_passed_on(body: bytes) -> None:
    splice = a_splice(WHOLE, response=())
    with unusual():
        splice.take(0, body)

    with unusual():
        splice.response()


def test_a_refused_answer_is_no_part_of_the_response() -> None:
    splice = a_splice(root(shown("v")))
    with unusual():
        splice.take(0, b'{"data":{"v":1}} ]')

    with unusual():
        splice.response()


def test_nothing_is_asked_for_by_what_a_refused_answer_has() -> None:
    splice = a_splice(ITEMS, NAMES)
    with unusual():
        splice.take(0, items(1) + b"]")

    assert splice.request(1, []) is None


def test_another_answer_may_be_taken_after_one_that_was_refused() -> None:
    splice = a_splice(ITEMS, NAMES)
    with unusual():
        splice.take(0, items(7, 8, 9) + b"]")
    splice.take(0, items(1, 2))
    splice.request(1, [])
    with unusual():
        splice.take(1, names("x"))
    splice.take(1, names("a", "b"))

    assert splice.response() == answer(items=[{"id": 1, "name": "a"}, {"id": 2, "name": "b"}])


def test_what_was_refused_may_be_asked_for_again() -> None:
    splice = a_splice(ITEMS, NAMES, limit=1)
    splice.take(0, items(1, 2))
    for _ in range(3):
        with unusual():
            splice.request(1, [])


def test_a_refused_request_has_no_entities() -> None:
    splice = a_splice(ITEMS, CODES, BY_CODE, limit=1)
    splice.take(0, items(1, 2, 1))
    with unusual():
        splice.request(1, [])
    with unusual():
        splice.take(1, answer(r=[{"name": "a", "code": 1}, {"name": "b", "code": 2}]))
    splice.take(1, answer(r=[]))

    assert splice.request(2, []) is None
    with unusual():
        splice.response()


def test_a_fetch_of_which_one_call_is_refused_asks_for_none() -> None:
    refusing = target(own(4, refuses_null=True))
    codes = entity_fetch(
        ((*solid(0, shown("name")), secret("code", 1)), a_call("r", [IN_ITEMS], runs=[SOLID_RUN])),
        (solid(2, shown("size")), a_call("s", [refusing], runs=[SOLID_RUN._replace(column=2)])),
    )
    splice = a_splice(LISTS, codes, BY_CODE._replace(calls=(BY_CODE.calls[0]._replace(head=b'"s":['),)))
    splice.take(0, both_lists([1, 2, 1], [None]))
    with unusual():
        splice.request(1, [])
    splice.take(1, answer(r=[], s=[]))

    assert splice.request(2, []) is None


# --- the response -------------------------------------------------------------------------------------------------


def test_entities_go_where_their_objects_are() -> None:
    splice = a_splice(ITEMS, NAMES)
    splice.take(0, items(2, 1))
    splice.request(1, [])
    splice.take(1, names("b", "a"))

    assert splice.response() == b'{"data":{"items":[{"id":2,"name":"b"},{"id":1,"name":"a"}]}}'


def test_the_same_entity_goes_into_several_places() -> None:
    splice = two_lists(IN_ITEMS, IN_OTHERS)
    splice.take(0, both_lists([2, 1, 2], [3, 1, 2]))
    splice.request(1, [])
    splice.take(1, names("two", "one", "three"))

    assert splice.response() == answer(
        items=[{"id": 2, "name": "two"}, {"id": 1, "name": "one"}, {"id": 2, "name": "two"}],
        others=[{"id": 3, "name": "three"}, {"id": 1, "name": "one"}, {"id": 2, "name": "two"}],
    )


def test_objects_of_one_call_that_are_all_different_may_be_in_two_lists() -> None:
    splice = two_lists(IN_ITEMS, IN_OTHERS)
    splice.take(0, both_lists([1, 2], [3]))
    splice.request(1, [])
    splice.take(1, names("a", "b", "c"))

    assert splice.response() == answer(
        items=[{"id": 1, "name": "a"}, {"id": 2, "name": "b"}], others=[{"id": 3, "name": "c"}]
    )


def test_one_entity_may_bring_several_runs() -> None:
    lists = root(listed("items", Step(Op.HOLE, 3, after=b","), noted("id", 2), hole(4)))
    runs = [SOLID_RUN, HOLED_RUN._replace(column=1, end=2)]
    call = a_call("r", [target(own(2), holes=[(3, 1), (4, 0)])], runs=runs)
    steps = (*solid(0, shown("a")), secret("between", 3), *holed(1, 2, shown("b"), shown("c")))
    splice = a_splice(lists, entity_fetch((steps, call)))
    splice.take(0, items(1))
    splice.request(1, [])
    splice.take(1, answer(r=[{"a": 1, "between": 2, "b": 3, "c": 4}]))

    assert splice.response() == b'{"data":{"items":[{"b":3,"c":4,"id":1,"a":1}]}}'


@pytest.mark.parametrize("others", [[], [3]], ids=["none", "one"])
def test_a_run_that_begins_and_ends_in_different_objects_is_unusual(others: list[int]) -> None:
    crossed, straight = HOLED_RUN._replace(end=3), HOLED_RUN._replace(column=2, end=3)
    fetch = entity_fetch(
        (holed(0, 1, shown("name")), a_call("r", [IN_ITEMS], runs=[crossed])),
        (holed(2, 3, shown("size")), a_call("s", [IN_OTHERS], runs=[straight])),
    )
    splice = a_splice(LISTS, fetch)
    splice.take(0, both_lists([1, 2], others))
    splice.request(1, [])
    splice.take(1, answer(r=[{"name": "a"}, {"name": "b"}], s=[{"size": each} for each in others]))

    with unusual():
        splice.response()


def nested() -> Splice:
    """Items have authors, who come with a second fetch; their names come with a third, and go into holes of it."""
    author = Shape(Kind.OBJECT, steps=(noted("aid", 2), hole(3)))
    brings = holed(0, 1, field("author", author, shown_as="author"))
    authors = entity_fetch((brings, a_call("r", [IN_ITEMS], runs=[HOLED_RUN])))
    call = a_call("s", [target(own(2, fetch=1), creator=1, holes=[(3, 0)])], runs=[SOLID_RUN])
    return a_splice(ITEMS, authors, entity_fetch((solid(0, shown("name")), call)))


def test_what_goes_into_a_hole_may_have_holes() -> None:
    splice = nested()
    splice.take(0, items(1, 2, 3, 2))
    assert variables_of(splice.request(1, [])) == {"r": [representation(each) for each in (1, 2, 3)]}
    splice.take(1, answer(r=[{"author": {"aid": each}} for each in ("x", "y", "x")]))
    assert variables_of(splice.request(2, [])) == {"s": [representation("x"), representation("y")]}
    splice.take(2, names("Xi", "Ypsilon", alias="s"))

    x, y = {"aid": "x", "name": "Xi"}, {"aid": "y", "name": "Ypsilon"}
    assert splice.response() == answer(
        items=[{"id": 1, "author": x}, {"id": 2, "author": y}, {"id": 3, "author": x}, {"id": 2, "author": y}]
    )


def test_what_goes_into_holes_may_be_as_deep_as_a_plan_has_fetches() -> None:
    depth = 1000
    inner = field("n", Shape(Kind.OBJECT, steps=(noted("k", 2), hole(3))), shown_as="n")
    calls = [
        a_call("r", [target(own(2, fetch=each), creator=each, holes=[(3, 0)])], runs=[HOLED_RUN])
        for each in range(depth - 1)
    ]
    deeper = [entity_fetch((holed(0, 1, inner), call)) for call in calls[:-1]]
    deepest = entity_fetch((holed(0, 1, shown("n")), calls[-1]))
    splice = a_splice(root(inner), *deeper, deepest)

    splice.take(0, answer(n={"k": 0}))
    for each in range(1, depth):
        assert variables_of(splice.request(each, [])) == {"r": [representation(each - 1)]}
        splice.take(each, answer(r=[{"n": {"k": each} if each < depth - 1 else None}]))

    opened = b"".join(b'"n":{"k":%d,' % each for each in range(depth - 1))
    assert splice.response() == b'{"data":{' + opened + b'"n":null' + b"}" * (depth - 1) + b"}}"


def test_the_order_of_answers_does_not_matter_if_nothing_is_made_of_them() -> None:
    sizes = entity_fetch(
        (solid(0, shown("size")), a_call("s", [target(own(2), holes=[(4, 0)])], runs=[SOLID_RUN])),
    )
    splice = a_splice(root(listed("items", noted("id", 2), hole(3), hole(4))), NAMES, sizes)
    splice.take(0, items(1, 2))
    splice.request(1, [])
    splice.request(2, [])
    splice.take(2, answer(s=[{"size": 10}, {"size": 20}]))
    splice.take(1, names("a", "b"))

    assert splice.response() == answer(items=[{"id": 1, "name": "a", "size": 10}, {"id": 2, "name": "b", "size": 20}])


def test_a_response_without_objects_needs_no_entities() -> None:
    splice = a_splice(ITEMS, NAMES)
    splice.take(0, items())
    splice.request(1, [])

    assert splice.response() == b'{"data":{"items":[]}}'


def test_a_response_may_be_made_of_texts_and_of_several_root_fetches() -> None:
    response = (b'{"data":{"t":1,', (1, HOLED_RUN), b",", (0, HOLED_RUN), b',"u":2}}')
    splice = a_splice(root(shown("v")), root(shown("w")), response=response)
    splice.take(0, answer(v="one"))
    splice.take(1, answer(w=["other"]))

    assert splice.response() == b'{"data":{"t":1,"w":["other"],"v":"one","u":2}}'


def test_a_response_may_be_made_of_texts_alone() -> None:
    assert a_splice(response=(b'{"data":{', b'"t":1', b"}}")).response() == b'{"data":{"t":1}}'


def test_a_part_of_an_answer_may_stand_twice_in_the_response() -> None:
    splice = a_splice(root(shown("v")), response=(b"[", (0, HOLED_RUN), b"|", (0, HOLED_RUN), b"]"))
    splice.take(0, answer(v=1))

    assert splice.response() == b'["v":1|"v":1]'


def test_a_response_may_be_had_again() -> None:
    splice = nested()
    splice.take(0, items(1))
    splice.request(1, [])
    splice.take(1, answer(r=[{"author": {"aid": 2}}]))
    splice.request(2, [])
    splice.take(2, names("a", alias="s"))

    assert splice.response() == splice.response() == answer(items=[{"id": 1, "author": {"aid": 2, "name": "a"}}])


@pytest.mark.parametrize(
    ("body", "response"),
    [
        (b'{"data":{"v":1}}', b'{"data":{"v":1}}'),
        (b'{"data":{"v":[]}} ', b'{"data":{"v":[]}}'),
        (b' {"data":{"v":1}}', b'{"data":{"v":1}}'),
        (b'{ "data" : { "v":1 } }', b'{"data":{ "v":1 }}'),
        (b'{"data":{"v":1},"extensions":{"x":2}}', b'{"data":{"v":1}}'),
    ],
    ids=["as it is", "space after", "space before", "space within", "extensions"],
)
def test_the_only_answer_may_be_the_response(body: bytes, response: bytes) -> None:
    splice = a_splice(WHOLE, response=())
    splice.take(0, body)

    assert splice.response() == response


def test_an_answer_that_is_passed_on_is_not_copied() -> None:
    splice = a_splice(WHOLE, response=())
    body = answer(v=1)
    splice.take(0, body)

    assert splice.response() is body


def test_many_objects_may_share_few_entities() -> None:
    splice = nested()
    splice.take(0, items(*range(100)))
    splice.request(1, [])
    splice.take(1, answer(r=[{"author": {"aid": each % 7}} for each in range(100)]))
    splice.request(2, [])
    splice.take(2, names(*range(7), alias="s"))

    assert splice.response() == answer(
        items=[{"id": each, "author": {"aid": each % 7, "name": each % 7}} for each in range(100)]
    )


@pytest.mark.parametrize(("room", "fits"), [(0, True), (1, True), (-1, False), (-10, False)])
def test_a_response_may_be_as_long_as_the_plan_says(room: int, *, fits: bool) -> None:
    response = answer(items=[{"id": 1, "name": "a"}, {"id": 2, "name": "b"}])
    splice = a_splice(ITEMS, NAMES, most_bytes=len(response) + room)
    splice.take(0, items(1, 2))
    splice.request(1, [])
    splice.take(1, names("a", "b"))

    if fits:
        assert splice.response() == response
    else:
        with unusual():
            splice.response()


@pytest.mark.parametrize("room", [0, -1])
@pytest.mark.parametrize("end", ["}", ' , "extensions": {} }'])
def test_an_answer_that_is_passed_on_may_be_as_long_as_the_plan_says(end: str, room: int) -> None:
    body = answer(v="x" * 50)
    splice = a_splice(WHOLE, response=(), most_bytes=len(body) + room)
    splice.take(0, body[:-1] + end.encode())

    if room == 0:
        assert splice.response() == body
    else:
        with unusual():
            splice.response()


def test_nobody_looks_at_the_end_of_a_response_that_no_memory_can_hold() -> None:
    """Each fetch puts what the next brings into 100 places: there are 100 to the power of 30."""
    depth = 30
    bring = holed(0, 1, listed("items", noted("id", 2), hole(3)))
    targets = [target(own(2, fetch=number), creator=number, holes=[(3, 0)]) for number in range(depth)]
    fetches = [entity_fetch((bring, a_call("r", [each], runs=[HOLED_RUN]))) for each in targets]
    splice = a_splice(ITEMS, *fetches)
    splice.take(0, items(*[1] * 100))
    for number in range(1, depth + 1):
        splice.request(number, [])
        splice.take(number, answer(r=[{"items": [{"id": 1}] * 100}]))

    with unusual():
        splice.response()


# --- answers that are missing -------------------------------------------------------------------------------------


def test_a_response_without_its_root_is_unusual() -> None:
    with unusual():
        a_splice(ITEMS, NAMES).response()


def test_a_response_of_several_roots_without_one_of_them_is_unusual() -> None:
    splice = a_splice(root(shown("v")), root(shown("w")), response=((0, HOLED_RUN), (1, HOLED_RUN)))
    splice.take(0, answer(v=1))

    with unusual():
        splice.response()


def test_a_response_without_its_only_answer_is_unusual() -> None:
    with unusual():
        a_splice(WHOLE, response=()).response()


def test_a_response_with_a_hole_left_is_unusual() -> None:
    splice = a_splice(ITEMS, NAMES)
    splice.take(0, items(1))
    splice.request(1, [])

    with unusual():
        splice.response()


def test_a_response_with_a_hole_left_in_what_went_into_a_hole_is_unusual() -> None:
    splice = nested()
    splice.take(0, items(1))
    splice.request(1, [])
    splice.take(1, answer(r=[{"author": {"aid": 2}}]))
    splice.request(2, [])

    with unusual():
        splice.response()


def test_holes_are_filled_once_the_answer_is_there() -> None:
    splice = a_splice(ITEMS, NAMES)
    splice.take(0, items(1))
    splice.request(1, [])
    with unusual():
        splice.response()
    splice.take(1, names("a"))

    assert splice.response() == answer(items=[{"id": 1, "name": "a"}])


@pytest.mark.parametrize(("ids", "others"), [([1], [1, 2]), ([1, 2], [1]), ([1], [])], ids=["more", "fewer", "none"])
def test_other_holes_than_objects_are_unusual(ids: list[int], others: list[int]) -> None:
    crossed = target(own(2), holes=[(5, 0)])
    splice = two_lists(crossed)
    splice.take(0, both_lists(ids, others))
    splice.request(1, [])
    splice.take(1, names(*ids))

    with unusual():
        splice.response()


# --- fetches that are not made ------------------------------------------------------------------------------------


def test_a_fetch_that_is_not_made_is_none_to_ask_for() -> None:
    splice = a_splice(ITEMS, None, NAMES)

    with pytest.raises(IndexError):
        splice.request(1, [])
    with pytest.raises(IndexError):
        splice.take(1, names())


def test_a_fetch_may_come_after_one_that_is_not_made() -> None:
    splice = a_splice(None, root(shown("v")), None, response=(b"{", (1, HOLED_RUN), b"}"))
    splice.take(1, answer(v=1))

    assert splice.response() == b'{"v":1}'


def test_a_plan_may_have_no_fetch_that_is_made() -> None:
    assert a_splice(None, None, response=(b"{}",)).response() == b"{}"


def test_what_is_made_for_objects_of_a_fetch_that_is_not_made_is_left_out() -> None:
    splice = a_splice(ITEMS, None, named(target(own(2), creator=1)))
    splice.take(0, items())
    splice.request(2, [])
    splice.take(2, names())

    assert splice.response() == answer(items=[])
