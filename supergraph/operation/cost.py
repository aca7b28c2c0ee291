"""What an operation costs: an estimate before it is run, and the cost of what came back.

    Operation, variables ──▶ estimate ──▶ refuse, or plan ──▶ execute ──▶ data ──▶ actual
                             ▲ you are here                                        ▲ and here

An object costs 1, a leaf nothing, a mutation 10 besides; ``@cost`` says otherwise for a field, a type, an argument or
an input field. A list costs as many times as it has elements: ``@listSize`` says how many to expect, else it is the
size that the configuration names. On an abstract position the dearest type counts.
https://ibm.github.io/graphql-specs/cost-spec.html
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLSchema,
    GraphQLUnionType,
    Undefined,
    get_named_type,
    get_nullable_type,
    is_composite_type,
    is_list_type,
    parse_value,
    value_from_ast_untyped,
)
from graphql.type import GraphQLInputType

from supergraph.operation.model import Cast, Conditions, Field, Operation, SelectionSet
from supergraph.reader.features import Features

MUTATION_COST = 10.0

Variables = Mapping[str, object]
Place = tuple[str, ...]
"""Response keys from the root."""


@dataclass(frozen=True, slots=True)
class ListSize:
    """What ``@listSize`` says of a field.

    Attributes:
        slicing: Arguments that say how many elements there will be.
        sized: The fields of the answer that have that many; empty means the field itself.
    """

    assumed: int | None = None
    slicing: tuple[str, ...] = ()
    sized: tuple[str, ...] = ()


@dataclass(slots=True)
class Estimate:
    """What an operation may cost.

    Attributes:
        total: All of it.
        objects: For each place how many objects are expected there.
    """

    total: float = 0.0
    objects: dict[Place, float] = field(default_factory=dict)


class CostModel:
    """The costs of one supergraph.

    Args:
        schema: With the directives on its definitions.
        list_size: Elements of a list that nothing is said of.
    """

    def __init__(self, schema: GraphQLSchema, features: Features, *, list_size: int) -> None:
        self._schema = schema
        self._list_size = list_size
        self._cost_name = features.directive("cost")
        self._list_size_name = features.directive("cost", "listSize")
        self._weights: dict[int, float | None] = {}
        self._sizes: dict[int, ListSize | None] = {}

    def estimate(self, operation: Operation, variables: Variables) -> Estimate:
        """What ``operation`` may cost with these variables, defaults included."""
        found = Estimate(objects={(): 1.0})
        base = MUTATION_COST if operation.kind == "mutation" else 0.0
        found.total = base + self._selection(operation.selection, (), 1.0, variables, {}, found)
        return found

    def of_root(self, selection: SelectionSet, variables: Variables) -> float:
        """What it may cost a subgraph to answer ``selection`` of its root type."""
        return self._selection(selection, (), 1.0, variables, {}, Estimate())

    def of_entities(self, selection: SelectionSet, count: float, variables: Variables) -> float:
        """What it may cost a subgraph to answer ``selection`` for so many entities."""
        named = self._schema.type_map.get(selection.type)
        own = self._type_weight(named) if named is not None else 1.0
        return count * (own + self._selection(selection, (), 1.0, variables, {}, Estimate()))

    def actual(self, operation: Operation, data: object, variables: Variables) -> float:
        """What came back: the same, with the lists as long as they are."""
        base = MUTATION_COST if operation.kind == "mutation" else 0.0
        return base + self._answered(operation.selection, data, variables)

    def _selection(
        self,
        selection: SelectionSet,
        place: Place,
        count: float,
        variables: Variables,
        sized: Mapping[str, float],
        found: Estimate,
    ) -> float:
        """The cost of one object; ``count`` objects stand here."""
        shared, by_type = 0.0, dict[str, float]()
        for unit in selection.units:
            if not _holds(unit.conditions, variables):
                continue
            if isinstance(unit, Cast):
                cost = self._selection(unit.selection, place, count, variables, sized, found)
                by_type[unit.type] = by_type.get(unit.type, 0.0) + cost
            else:
                shared += self._field(selection.type, unit, place, count, variables, sized, found)
        for part in selection.deferred:
            shared += self._selection(part.selection, place, count, variables, sized, found)
        return shared + max(by_type.values(), default=0.0)

    def _field(
        self,
        parent: str,
        unit: Field,
        place: Place,
        count: float,
        variables: Variables,
        sized: Mapping[str, float],
        found: Estimate,
    ) -> float:
        definition = self._definition(parent, unit.name)
        if definition is None:
            return 0.0  # __typename and introspection
        arguments = _arguments(unit, definition, variables)
        size, inner_sized = self._list(unit.name, definition, arguments, sized)
        here = (*place, unit.response_key)
        each = self._field_weight(definition)
        if unit.selection is not None:
            found.objects[here] = found.objects.get(here, 0.0) + count * size
            each += self._selection(unit.selection, here, count * size, variables, inner_sized, found)
        return size * each + self._argument_cost(definition, arguments)

    def _list(
        self, name: str, definition: GraphQLField, arguments: Mapping[str, object], sized: Mapping[str, float]
    ) -> tuple[float, Mapping[str, float]]:
        """How many values the field has, and how many its own fields are said to have."""
        said = self._said_size(definition)
        expected = _expected(said, arguments) if said is not None else None
        is_list = is_list_type(get_nullable_type(definition.type))
        if said is not None and said.sized and expected is not None:
            size = sized.get(name, float(self._list_size)) if is_list else 1.0
            return size, dict.fromkeys(said.sized, expected)
        if not is_list:
            return 1.0, {}
        if expected is not None:
            return expected, {}
        return sized.get(name, float(self._list_size)), {}

    def _answered(self, selection: SelectionSet, data: object, variables: Variables) -> float:
        if not isinstance(data, dict):
            return 0.0
        asked: dict[str, tuple[str, Field]] = {}
        _collect(selection, variables, asked)
        return sum(
            self._answered_field(parent, unit, data[key], variables)
            for key, (parent, unit) in asked.items()
            if key in data
        )

    def _answered_field(self, parent: str, unit: Field, value: object, variables: Variables) -> float:
        definition = self._definition(parent, unit.name)
        if definition is None:
            return 0.0
        weight = self._field_weight(definition)
        total = self._argument_cost(definition, _arguments(unit, definition, variables))
        for each in _flat(value):
            total += weight
            if unit.selection is not None:
                total += self._answered(unit.selection, each, variables)
        return total

    def _definition(self, parent: str, name: str) -> GraphQLField | None:
        named = self._schema.type_map.get(parent)
        return named.fields.get(name) if isinstance(named, GraphQLObjectType | GraphQLInterfaceType) else None

    def _field_weight(self, definition: GraphQLField) -> float:
        own = self._weight(definition)
        return self._type_weight(get_named_type(definition.type)) if own is None else own

    def _type_weight(self, named: GraphQLNamedType) -> float:
        own = self._weight(named)
        if own is not None:
            return own
        if isinstance(named, GraphQLInterfaceType | GraphQLUnionType):
            return max(map(self._type_weight, self._schema.get_possible_types(named)), default=1.0)
        return 1.0 if is_composite_type(named) else 0.0

    def _argument_cost(self, definition: GraphQLField, arguments: Mapping[str, object]) -> float:
        return sum(
            self._input_cost(definition.args[name], definition.args[name].type, value)
            for name, value in arguments.items()
            if value is not None
        )

    def _input_cost(self, place: "_Weighted", input_type: GraphQLInputType, value: object) -> float:
        own = self._weight(place)
        named = get_named_type(input_type)
        total = 0.0
        for each in _flat(value):
            if own is not None:
                total += own
            elif isinstance(named, GraphQLInputObjectType | GraphQLScalarType | GraphQLEnumType):
                total += self._weight(named) or 0.0
            if isinstance(named, GraphQLInputObjectType) and isinstance(each, dict):
                total += sum(
                    self._input_cost(named.fields[key], named.fields[key].type, inner)
                    for key, inner in each.items()
                    if key in named.fields and inner is not None
                )
        return total

    def _weight(self, weighted: "_Weighted") -> float | None:
        """What ``@cost`` says; ``None`` if it says nothing."""
        key = id(weighted)
        if key not in self._weights:
            arguments = _applied(weighted, self._cost_name)
            weight = None if arguments is None else arguments.get("weight")
            self._weights[key] = float(weight) if isinstance(weight, int | float) else None
        return self._weights[key]

    def _said_size(self, definition: GraphQLField) -> ListSize | None:
        key = id(definition)
        if key not in self._sizes:
            arguments = _applied(definition, self._list_size_name)
            self._sizes[key] = None if arguments is None else _list_size(arguments)
        return self._sizes[key]


_Weighted = GraphQLField | GraphQLArgument | GraphQLInputField | GraphQLNamedType


def _collect(selection: SelectionSet, variables: Variables, asked: dict[str, tuple[str, Field]]) -> None:
    """The fields that may be in the data of one object. Data does not say its type, so those of every type count."""
    for unit in selection.units:
        if not _holds(unit.conditions, variables):
            continue
        if isinstance(unit, Cast):
            _collect(unit.selection, variables, asked)
        else:
            asked.setdefault(unit.response_key, (selection.type, unit))
    for part in selection.deferred:
        _collect(part.selection, variables, asked)


def _holds(conditions: Conditions, variables: Variables) -> bool:
    return all((variables.get(condition.variable) is True) is condition.wanted for condition in conditions)


def _arguments(unit: Field, definition: GraphQLField, variables: Variables) -> dict[str, object]:
    """The arguments with their values, defaults of the schema included."""
    found: dict[str, object] = {}
    for name, argument in definition.args.items():
        default = argument.ast_node.default_value if argument.ast_node is not None else None
        if default is not None:
            found[name] = value_from_ast_untyped(default)
    for name, text in unit.arguments:
        if name in definition.args:
            value = value_from_ast_untyped(parse_value(text, no_location=True), dict(variables))
            if value is not Undefined:
                found[name] = value
    return found


def _applied(weighted: _Weighted, directive: str | None) -> dict[str, object] | None:
    """The arguments of a directive on a definition; ``None`` if it is not there."""
    node = weighted.ast_node
    if directive is None or node is None:
        return None
    for applied in node.directives or ():
        if applied.name.value == directive:
            return {each.name.value: value_from_ast_untyped(each.value) for each in applied.arguments or ()}
    return None


def _list_size(arguments: Mapping[str, object]) -> ListSize:
    assumed = arguments.get("assumedSize")
    return ListSize(
        assumed if isinstance(assumed, int) else None,
        _strings(arguments.get("slicingArguments")),
        _strings(arguments.get("sizedFields")),
    )


def _strings(value: object) -> tuple[str, ...]:
    return tuple(each for each in value if isinstance(each, str)) if isinstance(value, list) else ()


def _expected(said: ListSize, arguments: Mapping[str, object]) -> float | None:
    """The largest number that a slicing argument gives, else the assumed one; ``None`` if there is neither."""
    given = [value for name in said.slicing if isinstance(value := arguments.get(name), int) and value >= 0]
    if given:
        return float(max(given))
    return None if said.assumed is None else float(said.assumed)


def _flat(value: object) -> Iterable[object]:
    """Every value in nested lists that is not null."""
    if isinstance(value, list):
        for element in value:
            yield from _flat(element)
    elif value is not None:
        yield value
