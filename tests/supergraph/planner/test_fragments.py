"""Named fragments in requests: what is repeated stands there once, and says the same as if it were written out."""

from collections.abc import Iterator, Mapping
from itertools import pairwise

import pytest
from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    build_schema,
    parse,
    print_ast,
    validate,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from supergraph import Subgraph, compose, plan, prepare, read_supergraph
from supergraph.operation.model import Condition, Conditions
from supergraph.planner.drafts import DraftField, DraftSelection
from supergraph.planner.fragments import print_selections
from supergraph.planner.text import selection_text

TYPES = 30
SDL = """
type Query { node: Node! back: Query one: A }
interface Node { name: String size(of: Int): Int next: Node! }
type A implements Node { name: String size(of: Int): Int next: Node! own: B }
type B implements Node { name: String size(of: Int): Int next: Node! own: A either: Either }
union Either = A | B
"""
SCHEMA = build_schema(SDL)
FIELDS: Mapping[str, Mapping[str, str | None]] = {
    "Query": {"node": "Node", "back": "Query", "one": "A"},
    "Node": {"name": None, "size": None, "next": "Node"},
    "A": {"name": None, "size": None, "next": "Node", "own": "B"},
    "B": {"name": None, "size": None, "next": "Node", "own": "A", "either": "Either"},
    "Either": {},
}
CASTS = {"Node": ("A", "B", "Node"), "Either": ("A", "B", "Node")}
CONDITIONS: tuple[Conditions, ...] = (
    (),
    (Condition("x", wanted=True),),
    (Condition("x", wanted=True), Condition("y", wanted=True)),
)


def field_type(type_name: str, name: str) -> str | None:
    return FIELDS[type_name][name] if type_name in FIELDS else None


def draft_field(
    name: str,
    below: DraftSelection | None = None,
    key: str | None = None,
    arguments: tuple[tuple[str, str], ...] = (),
    conditions: Conditions = (),
) -> DraftField:
    return DraftField(
        key or name,
        name,
        arguments=arguments,
        conditions=conditions,
        directives="",
        variables=frozenset(),
        below=below,
    )


@st.composite
def selections(draw: st.DrawFn, type_name: str, depth: int) -> DraftSelection:
    """A selection that fits the type; what is below is mostly one of few, so that there is something to share."""
    selection = DraftSelection()
    selection.typename = draw(st.booleans())
    for name in draw(st.lists(st.sampled_from(sorted(FIELDS[type_name])), max_size=4)) if FIELDS[type_name] else ():
        below = FIELDS[type_name][name]
        if below is not None and depth == 0:
            continue
        selection.field(
            draft_field(
                name,
                None if below is None else draw(selections(below, depth - 1)),
                arguments=(("of", "7"),) if name == "size" else (),
                conditions=draw(st.sampled_from(CONDITIONS)),
            )
        )
    for name in draw(st.lists(st.sampled_from(CASTS[type_name]), max_size=2)) if type_name in CASTS and depth else ():
        selection.cast(name, draw(st.sampled_from(CONDITIONS))).merge(draw(selections(name, depth - 1)))
    return selection


def written(selection: DraftSelection) -> str:
    return "".join(
        ("query($x:Boolean!$y:Boolean!)", *print_selections([selection], "Query", field_type, least_saving=0))
    )


class Reader:
    """Reads out, for objects of given types, what a document selects: fields with their conditions, in order."""

    def __init__(self, text: str) -> None:
        definitions = parse(text).definitions
        fragments = [each for each in definitions if isinstance(each, FragmentDefinitionNode)]
        self.fragments = {each.name.value: each for each in fragments}
        self.root = next(each for each in definitions if isinstance(each, OperationDefinitionNode)).selection_set

    def paths(self, node: SelectionSetNode, conditions: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
        """Every leaf with the way to it: type conditions that narrow nothing are not told apart."""
        for each in node.selections:
            here = (*conditions, *(print_ast(directive) for directive in each.directives or ()))
            match each:
                case FieldNode(selection_set=None):
                    yield (*here, print_ast(each))
                case FieldNode(selection_set=SelectionSetNode() as below):
                    yield from ((*here, each.name.value, *path) for path in self.paths(below))
                case InlineFragmentNode(type_condition=condition, selection_set=below):
                    on = f"on {condition.name.value}" if condition else ""
                    yield from ((on, *path) for path in self.paths(below, here))
                case FragmentSpreadNode():
                    fragment = self.fragments[each.name.value]
                    on = f"on {fragment.type_condition.name.value}"
                    yield from ((on, *path) for path in self.paths(fragment.selection_set, here))
                case _:
                    raise TypeError(each)


def leaves(text: str) -> set[tuple[str, ...]]:
    """The ways to all leaves, without the type conditions that only repeat the type of the position."""
    reader = Reader(text)
    return {_narrowed(path) for path in reader.paths(reader.root)}


def _narrowed(path: tuple[str, ...]) -> tuple[str, ...]:
    at, told = "Query", []
    for step in filter(None, path):
        if step.startswith("on "):
            if step == f"on {at}":
                continue
            at = step.removeprefix("on ")
        elif not step.startswith("@"):
            at = FIELDS.get(at, {}).get(step) or at
        told.append(step)
    return tuple(told)


@settings(deadline=None)
@given(selection=selections("Query", 5))
def test_fragments_written_out_give_the_same_selection(selection: DraftSelection) -> None:
    variables = "query($x:Boolean!$y:Boolean!)"

    assert leaves(written(selection)) == leaves(variables + selection_text(selection))


@settings(deadline=None)
@given(selection=selections("Query", 5))
def test_a_request_with_fragments_is_valid_and_never_longer(selection: DraftSelection) -> None:
    text = written(selection)

    # Variables that nothing happens to use say nothing about fragments.
    assert [error.message for error in validate(SCHEMA, parse(text)) if "is never used" not in error.message] == []
    assert len(text) <= len("query($x:Boolean!$y:Boolean!)" + selection_text(selection))


@settings(deadline=None)
@given(selection=selections("Query", 5))
def test_with_a_spread_for_every_set_the_selection_is_the_same(selection: DraftSelection) -> None:
    variables = "query($x:Boolean!$y:Boolean!)"
    text = "".join((variables, *print_selections([selection], "Query", field_type, least_saving=-1000)))

    assert leaves(text) == leaves(variables + selection_text(selection))


def nested(levels: int) -> DraftSelection:
    """Each of many types asks the same of its own field, level by level: a power of the depth if written out."""
    below = DraftSelection()
    below.field(draft_field("name"))
    for _ in range(levels):
        selection = DraftSelection()
        for number in range(TYPES):
            selection.cast(f"T{number}").field(draft_field("child", below))
        below = selection
    root = DraftSelection()
    root.field(draft_field("root", below))
    return root


def nested_text(levels: int) -> str:
    return "".join(print_selections([nested(levels)], "Query", lambda _, name: None if name == "name" else "Node"))


def test_the_text_grows_with_the_depth_and_not_with_a_power_of_it() -> None:
    sizes = [len(nested_text(levels)) for levels in range(2, 12)]
    growth = [after - before for before, after in pairwise(sizes)]

    assert max(growth) - min(growth) <= TYPES  # a name with one digit more
    assert max(growth) < TYPES * len("...on T00{child{...f00}} ") + 40


def test_what_saves_little_is_written_out() -> None:
    root = DraftSelection()
    for key in ("first", "second"):
        below = DraftSelection()
        below.field(draft_field("name"))
        below.field(draft_field("size"))
        root.field(draft_field("node", below, key))

    assert print_selections([root], "Query", field_type) == ["{first:node{name size} second:node{name size}}"]


def long_selection() -> DraftSelection:
    selection = DraftSelection()
    for number in range(20):
        selection.field(draft_field("name", key=f"alias{number}"))
    return selection


def test_equal_sets_on_two_types_stay_apart() -> None:
    root = DraftSelection()
    for name in ("node", "one"):
        for number in range(2):
            root.field(draft_field(name, long_selection(), f"{name}{number}"))

    text, *fragments = print_selections([root], "Query", field_type)

    assert text == "{node0:node{...f0} node1:node{...f0} one0:one{...f1} one1:one{...f1}}"
    assert [fragment.split("{")[0] for fragment in fragments] == ["fragment f0 on Node", "fragment f1 on A"]


def test_a_type_condition_becomes_the_spread_and_keeps_its_directives() -> None:
    root = DraftSelection()
    for number, conditions in enumerate(CONDITIONS[:2]):
        below = DraftSelection()
        below.cast("A", conditions).merge(long_selection())
        root.field(draft_field("node", below, f"n{number}"))

    text, *_ = print_selections([root], "Query", field_type)

    assert text == "{n0:node{...f0} n1:node{...f0@include(if:$x)}}"


def test_no_fragment_stands_on_a_root_type_whose_name_in_the_subgraph_is_unknown() -> None:
    root = DraftSelection()
    for number in range(3):
        below = DraftSelection()
        below.field(draft_field("node", long_selection(), "node"))
        root.field(draft_field("back", below, f"back{number}"))

    text, *fragments = print_selections([root], "Query", field_type)

    assert text == "{" + " ".join(f"back{number}:back{{node{{...f0}}}}" for number in range(3)) + "}"
    assert len(fragments) == 1


def test_several_entity_selections_share_their_fragments() -> None:
    entities = []
    for key in ("left", "right"):
        selection = DraftSelection()
        selection.cast("A").field(draft_field("next", long_selection(), key))
        entities.append(selection)

    first, second, *fragments = print_selections(entities, None, field_type)

    assert first == "{...on A{left:next{...f0}}}"
    assert second == "{...on A{right:next{...f0}}}"
    assert len(fragments) == 1


@pytest.mark.parametrize("levels", [1, 2])
def test_a_planned_request_repeats_nothing_of_size(levels: int) -> None:
    names = range(TYPES)
    nodes = [f'type T{i} implements Node @key(fields: "id") {{ id: ID! name{i}: String child: Node }}' for i in names]
    sdl = "type Query { root: Node } interface Node { id: ID! }" + " ".join(nodes)
    link = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.7", import: ["@key"]) '
    composition = compose([Subgraph("a", "http://a", link + sdl)])
    assert composition.sdl is not None
    supergraph = read_supergraph(composition.sdl)
    types = [
        " ".join(f"... on T{i} {{ name{i} child {{ ...L{level + 1} }} }}" for i in names) for level in range(levels)
    ]
    client = [f"fragment L{level} on Node {{ {text} }}" for level, text in enumerate(types)]
    operation = " ".join(["query Deep { root { ...L0 } }", *client, f"fragment L{levels} on Node {{ id }}"])

    (fetch,) = plan(supergraph, prepare(supergraph, operation)).fetches

    assert len(fetch.operation) < len(operation)
    assert fetch.operation.startswith("query Deep__a__0{root{")
