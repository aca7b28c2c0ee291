from tests.oracle.operations import OperationCase
from tests.oracle.pieces import SubgraphSource, with_link
from tests.oracle.shrink import shrink
from tests.oracle.trial import Failure, Outcome, Passed, Trial

A = """
type Query { user(id: ID): User shop: Shop }
type User @key(fields: "id") @key(fields: "name") { id: ID! name: String age: Int friend: User }
type Shop { id: ID! owner: User }
union Thing = User | Shop
"""
B = 'type User @key(fields: "id") { id: ID! mail: String } type Query { other: Int }'

OPERATION = """
query Long($id: ID, $yes: Boolean!) {
  me: user(id: $id) { id friend @include(if: $yes) { ... on User { n: name age } ...more } }
  shop { id owner { mail } }
}
fragment more on User { age mail }
"""


def trial() -> Trial:
    sources = (SubgraphSource("a", with_link(A)), SubgraphSource("b", with_link(B)))
    return Trial(sources=sources, operation=OperationCase(OPERATION, {"id": "1", "yes": True}))


def fails_with_name(candidate: Trial) -> Outcome:
    """A gateway that cannot answer ``name``."""
    if "name" in candidate.operation.text:
        return Failure(kind="no name", detail="")
    return Passed(0)


def test_a_failure_shrinks_to_what_it_needs() -> None:
    small, failure = shrink(trial(), Failure(kind="no name", detail=""), fails_with_name)

    assert failure.kind == "no name"
    assert " ".join(small.operation.text.split()) == "{ user { friend { name } } }"
    assert small.operation.variables == {}
    assert [" ".join(source.body.split()) for source in small.sources] == [
        "type Query { user: User } type User { name: String friend: User }"
    ]


def test_another_failure_is_not_mistaken_for_the_one_that_shrinks() -> None:
    def fails_differently_without_shop(candidate: Trial) -> Outcome:
        return Failure(kind="shop" if "shop" in candidate.operation.text else "other", detail="")

    small, _ = shrink(trial(), Failure(kind="shop", detail=""), fails_differently_without_shop)

    assert "shop" in small.operation.text


def test_shrinking_stops_after_the_given_number_of_tries() -> None:
    small, _ = shrink(trial(), Failure(kind="no name", detail=""), fails_with_name, tries=0)

    assert small == trial()
