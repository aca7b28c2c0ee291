"""``@defer``: fragments that the client takes later.

Whether a fragment is deferred may depend on a variable. A normalised operation, and so its plan, is made for one truth
of these variables: a fragment is deferred or it is not, and nothing after normalisation has to ask.
https://github.com/graphql/defer-stream-wg
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from graphql import (
    BooleanValueNode,
    DirectiveNode,
    FragmentDefinitionNode,
    OperationDefinitionNode,
    StringValueNode,
    VariableNode,
    Visitor,
)

from supergraph.operation.model import Field, SelectionSet, Unit
from supergraph.operation.schema_types import TYPENAME
from supergraph.operation.visiting import visit_once

HIDDEN_TYPENAME = Field(id=-1, response_key="__typename", name="__typename", type=TYPENAME, hidden=True)
"""What is asked of an object of which everything else is deferred."""


@dataclass(frozen=True, slots=True)
class Deferral:
    """A ``@defer`` that is in force."""

    label: str | None = None


def read_deferral(directives: Iterable[DirectiveNode], off: frozenset[str]) -> Deferral | None:
    """The ``@defer`` among ``directives``, if there is one and its condition holds.

    ``off`` are the variables that are false; others are taken for true, which is also the default of the condition.
    """
    for directive in directives:
        if directive.name.value != "defer":
            continue
        label = None
        for argument in directive.arguments or ():
            match argument.value:
                case BooleanValueNode(value=False):
                    return None
                case VariableNode(name=name) if name.value in off:
                    return None
                case StringValueNode(value=text):
                    label = text
                case _:
                    pass
        return Deferral(label)
    return None


def defer_variables(
    definition: OperationDefinitionNode, fragments: Mapping[str, FragmentDefinitionNode]
) -> frozenset[str] | None:
    """The variables that decide what an operation defers; ``None`` if it has no ``@defer`` at all."""
    if definition.loc is not None and "defer" not in definition.loc.source.body:
        return None  # what nearly all operations pay for this feature
    found = _Deferrals()
    visit_once(definition, found)
    for fragment in fragments.values():
        visit_once(fragment, found)
    return frozenset(found.variables) if found.any else None


def with_all_parts(selection: SelectionSet) -> SelectionSet:
    """The selection with everything that is deferred in its place, under the ids that it has."""
    units: list[Unit] = []
    for part in (selection, *(with_all_parts(deferred.selection) for deferred in selection.deferred)):
        for unit in part.units:
            below = unit.selection
            units.append(unit if below is None else replace(unit, selection=with_all_parts(below)))
    return SelectionSet(selection.type, tuple(units))


class _Deferrals(Visitor):
    def __init__(self) -> None:
        super().__init__()
        self.any = False
        self.variables: set[str] = set()

    def enter_directive(self, node: DirectiveNode, *_: object) -> None:
        if node.name.value == "defer":
            self.any = True
            values = (argument.value for argument in node.arguments or ())
            self.variables.update(value.name.value for value in values if isinstance(value, VariableNode))
