from collections.abc import Callable

from supergraph import Subgraph, Supergraph, compose, prepare, read_supergraph
from supergraph.operation.authorization import Authorization, Demand, Filtered
from supergraph.operation.text import print_selection

LINK = """extend schema @link(url: "https://specs.apollo.dev/federation/v2.9",
  import: ["@key", "@authenticated", "@requiresScopes", "@policy"])
"""
SHOP = """
type Query { open: Int secret: Int @authenticated cards: [Card] card: Card @requiresScopes(scopes: [["a", "b"], ["c"]])
  pets: [Pet] }
type Card @key(fields: "id") { id: ID! pin: String @policy(policies: [["vault"]]) holder: Holder }
type Holder @authenticated { name: String }
interface Pet { name: String }
type Cat implements Pet { name: String }
type Dog implements Pet { name: String @authenticated }
"""


def shop() -> Supergraph:
    composition = compose([Subgraph("shop", "http://shop", LINK + SHOP)])
    assert composition.sdl is not None, composition.errors
    return read_supergraph(composition.sdl)


def nothing(_: Demand) -> bool:
    return False


def filtered(operation: str, is_met: Callable[[Demand], bool] = nothing) -> Filtered:
    supergraph = shop()
    return Authorization(supergraph.schema, supergraph.features).filter(prepare(supergraph, operation), is_met)


def left(operation: str) -> str:
    return print_selection(filtered(operation).operation.selection)


def denied(operation: str) -> list[tuple[str, str]]:
    return [(".".join(each.path), each.type) for each in filtered(operation).denied]


def test_a_field_without_demands_stays() -> None:
    assert left("{ open }") == "{ open }"


def test_a_protected_field_is_removed_and_told_once() -> None:
    assert left("{ open secret }") == "{ open }"
    assert denied("{ open secret }") == [("secret", "Query")]


def test_an_alias_is_no_way_around() -> None:
    assert left("{ open open2: secret }") == "{ open }"
    assert denied("{ open open2: secret }") == [("open2", "Query")]


def test_a_fragment_is_no_way_around() -> None:
    assert left("{ open ...f } fragment f on Query { ... { secret } }") == "{ open }"


def test_a_field_that_returns_a_protected_type_is_removed() -> None:
    assert left("{ cards { id holder { name } } }") == "{ cards { id } }"
    assert denied("{ cards { id holder { name } } }") == [("cards.@.holder", "Card")]


def test_the_type_name_of_a_protected_object_is_not_told() -> None:
    assert left("{ cards { id holder { __typename } } }") == "{ cards { id } }"


def test_an_interface_is_asked_only_of_the_types_that_the_caller_may_see() -> None:
    assert left("{ pets { name } }") == "{ pets { ... on Cat { name } } }"
    assert denied("{ pets { name } }") == [("pets.@.name", "Dog")]


def test_an_object_of_which_nothing_may_be_seen_is_still_there() -> None:
    assert left("{ cards { holder { name } } }") == "{ cards { __hidden: __typename } }"


def test_a_policy_is_a_demand_of_its_own() -> None:
    everything_but_policies = filtered("{ cards { pin } }", lambda demand: demand.kind != "policies")
    assert [each.path for each in everything_but_policies.denied] == [("cards", "@", "pin")]


def test_scopes_are_alternatives_of_sets() -> None:
    supergraph = shop()
    (demand,) = Authorization(supergraph.schema, supergraph.features).demands_in(prepare(supergraph, "{ card { id } }"))
    assert demand == Demand("scopes", (frozenset({"a", "b"}), frozenset({"c"})))


def test_what_is_left_has_a_key_of_its_own() -> None:
    whole = prepare(shop(), "{ open secret }")
    less = filtered("{ open secret }").operation
    assert less.key != whole.key
    assert less.key != prepare(shop(), "{ open }").key


def test_who_meets_all_demands_gets_the_operation_itself() -> None:
    result = filtered("{ open secret cards { pin } }", lambda _: True)
    assert result.denied == ()
    assert print_selection(result.operation.selection) == "{ open secret cards { pin } }"
