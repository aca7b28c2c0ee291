"""Field sets of keys and ``@requires``, parsed once against the supergraph and interned.

Equal sets on one type are one value however they are written, so they can be compared by identity of their ``id``.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from graphql import GraphQLError, GraphQLSchema, OperationDefinitionNode, parse

from supergraph.errors import SupergraphError
from supergraph.operation.model import Cast, Field, SelectionSet, Unit
from supergraph.operation.normalise import normalise_selection
from supergraph.operation.schema_types import TYPENAME


@dataclass(frozen=True, slots=True, eq=False)
class FieldSet:
    """One parsed set.

    Attributes:
        id: Equal for equal sets on the same type, in every process.
        text: As it stands in the supergraph.
        leaves: How many leaves it selects.
        contextual: The field of the type, if any, that wants values from further up besides.
    """

    id: str
    type: str
    text: str
    selection: SelectionSet
    leaves: int
    contextual: str | None = None


class FieldSets:
    """The interned field sets of one supergraph."""

    def __init__(self, schema: GraphQLSchema) -> None:
        self._schema = schema
        self._by_text: dict[tuple[str, str], FieldSet] = {}
        self._by_shape: dict[tuple[str, str], FieldSet] = {}

    def get(self, type_name: str, text: str) -> FieldSet:
        """The set ``text`` on ``type_name``; raises ``SupergraphError`` if it does not fit the type."""
        known = self._by_text.get((type_name, text))
        if known is not None:
            return known
        selection = self._parse(type_name, text)
        shape = shape_of(selection)
        found = self._by_shape.get((type_name, shape))
        if found is None:
            found = FieldSet(f"{type_name}: {shape}", type_name, text, selection, count_leaves(selection))
            found = self._by_shape.setdefault((type_name, shape), found)
        self._by_text[type_name, text] = found
        return found

    def with_contexts(self, type_name: str, field: str, required: FieldSet | None) -> FieldSet:
        """What must be granted to a field with contextual arguments: its ``@requires`` set, and the arguments."""
        shape = f"@context {field} {shape_of(required.selection)}" if required else f"@context {field}"
        key = (type_name, shape)
        known = self._by_shape.get(key)
        if known is None:
            selection = required.selection if required else SelectionSet(type_name, ())
            leaves = required.leaves if required else 0
            new = FieldSet(f"{type_name}: {shape}", type_name, "", selection, leaves, contextual=field)
            known = self._by_shape.setdefault(key, new)
        return known

    def _parse(self, type_name: str, text: str) -> SelectionSet:
        source = text if text.lstrip().startswith("{") else "{" + text + "}"
        try:
            definition = parse(source, no_location=True).definitions[0]
            if not isinstance(definition, OperationDefinitionNode):
                raise SupergraphError(f'The field set "{text}" on {type_name} is not a selection.')
            return normalise_selection(self._schema, type_name, definition.selection_set)
        except GraphQLError as error:
            message = f'The field set "{text}" does not fit type {type_name}: {error.message}'
            raise SupergraphError(message) from error


def with_type_names(selection: SelectionSet, wants_name: Callable[[str], bool]) -> SelectionSet:
    """The selection with the type name asked wherever a nested object's type ``wants_name``; itself if none does."""
    units: list[Unit] = []
    for unit in selection.units:
        if unit.selection is None:
            units.append(unit)
            continue
        inner = with_type_names(unit.selection, wants_name)
        if isinstance(unit, Field) and wants_name(inner.type):
            inner = SelectionSet(inner.type, (_TYPE_NAME, *inner.units))
        units.append(unit if inner is unit.selection else replace(unit, selection=inner))
    if all(new is old for new, old in zip(units, selection.units, strict=True)):
        return selection
    return SelectionSet(selection.type, tuple(units))


_TYPE_NAME = Field(id=-1, response_key="__typename", name="__typename", type=TYPENAME)


def shape_of(selection: SelectionSet) -> str:
    """A text that is equal for equal sets, whatever their order."""
    return " ".join(sorted(_unit_shapes(selection)))


def _unit_shapes(selection: SelectionSet) -> Iterator[str]:
    for unit in selection.units:
        inner = f"{{{shape_of(unit.selection)}}}" if unit.selection else ""
        if isinstance(unit, Field):
            arguments = ",".join(f"{name}:{value}" for name, value in unit.arguments)
            yield f"{unit.name}({arguments}){inner}" if arguments else unit.name + inner
        else:
            yield f"...{unit.type}{inner}"


def can_be_sent_together(left: SelectionSet, right: SelectionSet) -> bool:
    """Whether one representation can hold both sets: under one name it has room for one value."""
    fields = {unit.name: unit for unit in left.units if isinstance(unit, Field)}
    for unit in right.units:
        if not isinstance(unit, Field):
            continue
        other = fields.get(unit.name)
        if other is None:
            continue
        if other.arguments != unit.arguments:
            return False
        if other.selection and unit.selection and not can_be_sent_together(other.selection, unit.selection):
            return False
    return all(
        can_be_sent_together(ours.selection, theirs.selection)
        for ours in left.units
        for theirs in right.units
        if isinstance(ours, Cast) and isinstance(theirs, Cast) and ours.type == theirs.type
    )


def count_leaves(selection: SelectionSet) -> int:
    """How many fields without sub-selection it has."""
    return sum(count_leaves(unit.selection) if unit.selection else 1 for unit in selection.units)
