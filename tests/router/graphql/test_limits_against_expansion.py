"""What is measured without expanding an operation is what one would count in the expanded one."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random

import pytest
from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    parse,
)

from router.config.security import LimitsConfig
from router.graphql.height import height
from router.graphql.limits import exceeded_limits

FRAGMENTS = 4


@dataclass
class Expanded:
    """A selection set written out, one field at a time."""

    fields: list[tuple[str, bool, "Expanded"]] = field(default_factory=list)
    directives: int = 0


def expand(selection_set: SelectionSetNode | None, fragments: Mapping[str, FragmentDefinitionNode]) -> Expanded:
    expanded = Expanded()
    for node in selection_set.selections if selection_set else ():
        expanded.directives += len(node.directives or ())
        match node:
            case FieldNode():
                inner = expand(node.selection_set, fragments)
                expanded.directives += inner.directives
                expanded.fields.append((node.name.value, node.alias is not None, inner))
            case InlineFragmentNode(selection_set=below):
                add(expanded, expand(below, fragments))
            case FragmentSpreadNode(name=name):
                add(expanded, expand(fragments[name.value].selection_set, fragments))
            case _:
                pytest.fail(f"a selection of kind {node.kind}")
    return expanded


def add(target: Expanded, more: Expanded) -> None:
    target.fields += more.fields
    target.directives += more.directives


def depth(expanded: Expanded) -> int:
    return max((1 + depth(inner) for _, _, inner in expanded.fields), default=0)


def aliases(expanded: Expanded) -> int:
    return sum(aliased + aliases(inner) for _, aliased, inner in expanded.fields)


def paths(expanded: Expanded, above: tuple[str, ...] = ()) -> set[tuple[str, ...]]:
    found: set[tuple[str, ...]] = set()
    for name, _, inner in expanded.fields:
        found |= {(*above, name)} | paths(inner, (*above, name))
    return found


def random_selections(random: Random, spreads: list[str], levels: int) -> str:
    """Some fields, inline fragments, and spreads of these fragments, nested so deep at most."""

    def one() -> str:
        directive = random.choice(["", "", " @d"])
        shape = random.choice(["field", "spread", "nested", "inline"])
        if shape == "spread" and spreads:
            return f"...{random.choice(spreads)}{directive}"
        name = "... on T" if shape == "inline" else random.choice(["a", "b", "x: a", "y: b"])
        if levels and shape in ("nested", "inline"):
            return f"{name}{directive} {{ {random_selections(random, spreads, levels - 1)} }}"
        return f"{random.choice(['a', 'b', 'x: a'])}{directive}"

    return " ".join(one() for _ in range(random.randint(1, 3)))


def random_document(seed: int) -> str:
    """An operation with fragments, each of which spreads only later ones."""
    random = Random(seed)  # noqa: S311 - test data
    names = [f"F{number}" for number in range(FRAGMENTS)]
    parts = [f"{{ {random_selections(random, names, 3)} }}"]
    for index, name in enumerate(names):
        parts.append(f"fragment {name} on T {{ {random_selections(random, names[index + 1 :], 2)} }}")
    random.shuffle(parts)
    return " ".join(parts)


@pytest.mark.parametrize("seed", range(150))
def test_measures_are_those_of_the_expanded_operation(seed: int) -> None:
    document = random_document(seed)
    definitions = parse(document, no_location=True).definitions
    (operation,) = (each for each in definitions if isinstance(each, OperationDefinitionNode))
    fragments = {each.name.value: each for each in definitions if isinstance(each, FragmentDefinitionNode)}
    expanded = expand(operation.selection_set, fragments)
    exact = {
        "max_depth": depth(expanded),
        "max_height": len(paths(expanded)),
        "max_aliases": aliases(expanded),
        "max_directives": expanded.directives,
    }
    assert height(operation, fragments, at_most=10**6) == exact["max_height"]
    assert not exceeded_limits(operation, fragments, LimitsConfig.model_validate({**exact, "max_root_fields": None}))
    for name, number in exact.items():
        least = 0 if name in ("max_aliases", "max_directives") else 1
        if number > least:
            limits = LimitsConfig.model_validate({**exact, "max_root_fields": None, name: number - 1})
            assert [each.name for each in exceeded_limits(operation, fragments, limits)] == [name]
