"""From selection sets as they were written to the normalised tree.

    document ──▶ validate ──▶ normalise ──▶ Operation
                              ▲ you are here

One position at a time, the written selections are walked in the order of the spec's CollectFields and sorted into
units; what a field selects below is only remembered, and becomes the position below. So fields merge before their
sub-selections are looked at, and every fragment is entered once per position and condition.

Two units of one position may share a response key only if neither's conditions imply the other's, or if merging them
would change the order of the response: in ``{ x @include(if: $c) y x }`` the place of ``x`` depends on ``$c``.

A deferred fragment is a position of its own at the same place: nothing of it merges with what is not deferred.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLSchema,
    InlineFragmentNode,
    Node,
    SelectionSetNode,
    is_abstract_type,
    is_composite_type,
)

from supergraph.errors import OperationError
from supergraph.operation.conditions import ALWAYS, conjoin, implies, read_conditions, shared, without
from supergraph.operation.defer import Deferral, read_deferral
from supergraph.operation.model import Block, Cast, Conditions, Deferred, Field, SelectionSet, Unit
from supergraph.operation.schema_types import TYPENAME, field_type, possible_types
from supergraph.operation.values import print_arguments, print_directives, used_variables
from supergraph.sdl.types import base_name

MAX_NODES = 10_000

LOCAL_FIELDS = frozenset({"__schema", "__type"})
"""Root fields that are executed as the client wrote them, on the API schema."""


def is_partly_local(selection: SelectionSet) -> bool:
    """Whether a root selection, or a deferred part of it, asks for any of ``LOCAL_FIELDS``."""
    return any(isinstance(unit, Field) and unit.name in LOCAL_FIELDS for unit in selection.units) or any(
        is_partly_local(part.selection) for part in selection.deferred
    )


def normalise_selection(schema: GraphQLSchema, parent_type: str, node: SelectionSetNode) -> SelectionSet:
    """The normalised form of a field set (key, requires, provides) on ``parent_type``.

    ``schema`` is the full schema: hidden types count. Ids are unique within the result.
    """
    return Normaliser(schema).normalise(parent_type, node)


@dataclass(slots=True)
class _FieldDraft:
    """A field of a position; ``parts`` are its sub-selections, each with the conditions it has of its own."""

    node: FieldNode
    conditions: Conditions
    parts: list[tuple[SelectionSetNode, Conditions]] = field(default_factory=list)

    @property
    def key(self) -> str:
        return (self.node.alias or self.node.name).value

    def add(self, node: FieldNode, conditions: Conditions) -> None:
        if node.selection_set is not None:
            self.parts.append((node.selection_set, without(conditions, self.conditions)))

    def relax(self, conditions: Conditions) -> None:
        """Weaken the field's conditions; what it selects so far keeps the difference."""
        lost = without(self.conditions, conditions)
        self.parts = [(node, tuple(sorted({*own, *lost}))) for node, own in self.parts]
        self.conditions = conditions


@dataclass(slots=True, eq=False)
class _DeferredDraft:
    """A deferred fragment of a position, or of one concrete type there; these share ``block``."""

    block: "_BlockDraft"
    node: SelectionSetNode
    conditions: Conditions


@dataclass(slots=True, eq=False)
class _BlockDraft:
    deferral: Deferral
    block: Block | None = None


@dataclass(slots=True)
class _Group:
    """An unbroken run of fields of one concrete type: a cast."""

    type: str
    fields: list[_FieldDraft] = field(default_factory=list)
    deferred: list[_DeferredDraft] = field(default_factory=list)


@dataclass(slots=True)
class _Position:
    """The units of one position in the making.

    Attributes:
        units: Fields of the position's own type, and groups of fields of one concrete type.
        known: The fields met so far by (concrete type or "", response key).
        open_casts: The groups that may still grow: no field of the position itself came after them.
        entered: Fragments that were entered, with the conditions and types they were entered for.
    """

    type: str
    units: list[_FieldDraft | _Group] = field(default_factory=list)
    deferred: list[_DeferredDraft] = field(default_factory=list)
    known: dict[tuple[str, str], list[_FieldDraft]] = field(default_factory=dict)
    open_casts: dict[str, _Group] = field(default_factory=dict)
    entered: set[tuple[int, Conditions, tuple[str, ...] | None, Deferral | None]] = field(default_factory=set)


@dataclass(slots=True)
class Normaliser:
    """Normalises the selections of one operation.

    Attributes:
        schema: Types that ``schema`` does not have do not occur.
        fragments: The named fragments of the document.
        max_nodes: How many units may result; more raise ``OperationError``.
        defer_off: The variables that switch a ``@defer`` off; ``None`` takes every ``@defer`` out.
        blocks: The deferred parts met so far.
    """

    schema: GraphQLSchema
    fragments: Mapping[str, FragmentDefinitionNode] = field(default_factory=dict)
    max_nodes: int = MAX_NODES
    defer_off: frozenset[str] | None = None
    blocks: list[Block] = field(default_factory=list)
    _next_block: int = 0
    _around: int | None = None
    _next_id: int = 0
    _nodes: int = 0

    def normalise(self, type_name: str, node: SelectionSetNode) -> SelectionSet:
        """The tree of ``node`` on ``type_name``; empty if nothing of it can ever be asked for."""
        return self._build(type_name, [(node, ALWAYS)], ALWAYS)

    def _build(
        self, type_name: str, parts: Sequence[tuple[SelectionSetNode, Conditions]], held: Conditions
    ) -> SelectionSet:
        """The position below a field; ``held`` are the conditions that hold there because the position exists."""
        position = _Position(type_name)
        for node, conditions in parts:
            self._collect(position, node, conditions, None, held)
        units: list[Unit] = []
        for unit in position.units:
            if isinstance(unit, _Group):
                units.append(self._finish_cast(unit, held))
            else:
                units.append(self._finish(type_name, unit, held))
        return SelectionSet(type_name, tuple(units), self._finish_deferred(type_name, position.deferred, held))

    def _collect(
        self,
        position: _Position,
        selection_set: SelectionSetNode,
        outer: Conditions,
        types: tuple[str, ...] | None,
        held: Conditions,
    ) -> None:
        """Sort the selections of ``selection_set`` into ``position``.

        ``outer`` are the conditions of the fragments around, ``types`` the concrete types that they leave: ``None``
        means all that the position can have.
        """
        for node in selection_set.selections:
            own = read_conditions(node.directives or ())
            conditions = None if own is None else conjoin(own, outer)
            if conditions is None or conjoin(conditions, held) is None:
                continue
            conditions = without(conditions, held)
            match node:
                case FieldNode():
                    self._add_field(position, node, conditions, types)
                case InlineFragmentNode(type_condition=condition, selection_set=inner):
                    target = condition.name.value if condition else None
                    narrowed = self._narrow(position, types, target)
                    self._enter(position, node, inner, conditions, narrowed, held)
                case FragmentSpreadNode(name=name):
                    fragment = self.fragments[name.value]
                    narrowed = self._narrow(position, types, fragment.type_condition.name.value)
                    self._enter(position, node, fragment.selection_set, conditions, narrowed, held)
                case _:  # pragma: no cover - the grammar has no fourth kind
                    raise TypeError(node)

    def _enter(
        self,
        position: _Position,
        node: InlineFragmentNode | FragmentSpreadNode,
        selection_set: SelectionSetNode,
        conditions: Conditions,
        types: tuple[str, ...] | None,
        held: Conditions,
    ) -> None:
        deferral = None if self.defer_off is None else read_deferral(node.directives or (), self.defer_off)
        mark = (id(selection_set), conditions, types, deferral)
        if types == () or mark in position.entered:
            return
        position.entered.add(mark)
        if deferral is None:
            self._collect(position, selection_set, conditions, types, held)
            return
        self._count(node)
        block = _BlockDraft(deferral)
        if types is None:
            position.deferred.append(_DeferredDraft(block, selection_set, conditions))
        for concrete in types or ():
            self._open_group(position, concrete, node).deferred.append(_DeferredDraft(block, selection_set, conditions))

    def _narrow(self, position: _Position, types: tuple[str, ...] | None, target: str | None) -> tuple[str, ...] | None:
        """The concrete types that are left inside ``... on target``."""
        if target is None:
            return types
        if types is None and self._covers(target, position.type):
            return None
        left = possible_types(self.schema, position.type) if types is None else types
        wanted = frozenset(possible_types(self.schema, target))
        return tuple(name for name in left if name in wanted)

    def _covers(self, target: str, type_name: str) -> bool:
        """Whether all that ``target`` selects can be selected on ``type_name`` itself."""
        if target == type_name:
            return True
        outer, inner = self.schema.type_map.get(target), self.schema.type_map.get(type_name)
        return is_abstract_type(outer) and is_composite_type(inner) and self.schema.is_sub_type(outer, inner)

    def _add_field(
        self, position: _Position, node: FieldNode, conditions: Conditions, types: tuple[str, ...] | None
    ) -> None:
        if types is None:
            if self._merge(position, "", node, conditions) is None:
                self._count(node)
                draft = _FieldDraft(node, conditions)
                draft.add(node, conditions)
                position.units.append(draft)
                position.known.setdefault(("", draft.key), []).append(draft)
                position.open_casts.clear()
            return
        for concrete in types:
            self._add_to_cast(position, concrete, node, conditions)

    def _add_to_cast(self, position: _Position, concrete: str, node: FieldNode, conditions: Conditions) -> None:
        key = (node.alias or node.name).value
        if node.selection_set is None and any(
            implies(conditions, known.conditions) for known in position.known.get(("", key), ())
        ):
            return  # the position itself selects this leaf already, for every type
        if self._merge(position, concrete, node, conditions) is not None:
            return
        self._count(node)
        draft = _FieldDraft(node, conditions)
        draft.add(node, conditions)
        self._open_group(position, concrete, node).fields.append(draft)
        position.known.setdefault((concrete, key), []).append(draft)

    def _open_group(self, position: _Position, concrete: str, node: Node) -> _Group:
        group = position.open_casts.get(concrete)
        if group is None:
            self._count(node)
            group = position.open_casts[concrete] = _Group(concrete)
            position.units.append(group)
        return group

    def _merge(self, position: _Position, concrete: str, node: FieldNode, conditions: Conditions) -> _FieldDraft | None:
        """Merge a field into one that the position has already, if the order of the response allows it."""
        drafts = position.known.get((concrete, (node.alias or node.name).value), ())
        for draft in drafts:
            if implies(conditions, draft.conditions):
                draft.add(node, conditions)
                return draft
        for draft in drafts:
            if implies(draft.conditions, conditions) and self._is_last(position, concrete, draft):
                draft.relax(conditions)
                draft.add(node, conditions)
                return draft
        return None

    def _is_last(self, position: _Position, concrete: str, draft: _FieldDraft) -> bool:
        if not concrete:
            return position.units[-1] is draft
        group = position.open_casts.get(concrete)
        return group is not None and group.fields[-1] is draft

    def _finish_deferred(self, parent: str, drafts: Sequence[_DeferredDraft], held: Conditions) -> tuple[Deferred, ...]:
        found: list[Deferred] = []
        for draft in drafts:
            block = draft.block.block
            if block is None:
                block = draft.block.block = Block(self._next_block, draft.block.deferral.label, self._around)
                self._next_block += 1
            around, self._around = self._around, block.id
            selection = self._build(parent, [(draft.node, draft.conditions)], held)
            self._around = around
            if selection.units or selection.deferred:
                found.append(Deferred(block=block, selection=selection, conditions=draft.conditions))
                if block not in self.blocks:
                    self.blocks.append(block)
        return tuple(found)

    def _finish_cast(self, group: _Group, held: Conditions) -> Cast:
        drafts: list[_FieldDraft | _DeferredDraft] = [*group.fields, *group.deferred]
        lifted = shared(draft.conditions for draft in drafts)
        inside = _known(held, lifted)
        for draft in drafts:
            draft.conditions = without(draft.conditions, lifted)
        units = tuple(self._finish(group.type, draft, inside) for draft in group.fields)
        deferred = self._finish_deferred(group.type, group.deferred, inside)
        if not units:
            units = (self._hidden_typename(),)  # whether there is anything to deliver depends on the object's type
        return Cast(type=group.type, selection=SelectionSet(group.type, units, deferred), conditions=lifted)

    def _finish(self, parent: str, draft: _FieldDraft, held: Conditions) -> Field:
        node = draft.node
        name = node.name.value
        arguments, directives = node.arguments or (), node.directives or ()
        own_id = self._next_id
        self._next_id += 1
        type_ref = field_type(self.schema, parent, name)
        selection = None
        if draft.parts and name not in LOCAL_FIELDS:
            selection = self._build(base_name(type_ref), draft.parts, _known(held, draft.conditions))
            if not selection.units:
                selection = SelectionSet(selection.type, (self._hidden_typename(),), selection.deferred)
        return Field(
            id=own_id,
            response_key=draft.key,
            name=name,
            type=type_ref,
            arguments=print_arguments(arguments),
            variables=used_variables(arguments, directives),
            conditions=draft.conditions,
            selection=selection,
            directives=print_directives(directives),
        )

    def _hidden_typename(self) -> Field:
        """Something to select where the client's conditions and types leave nothing."""
        own_id = self._next_id
        self._next_id += 1
        return Field(id=own_id, response_key="__typename", name="__typename", type=TYPENAME, hidden=True)

    def _count(self, node: Node) -> None:
        self._nodes += 1
        if self._nodes > self.max_nodes:
            message = f"The operation selects more than {self.max_nodes} fields with its fragments expanded."
            raise OperationError("QUERY_PLAN_COMPLEXITY_EXCEEDED", [GraphQLError(message, node)])


def _known(held: Conditions, more: Conditions) -> Conditions:
    both = conjoin(held, more)
    assert both is not None, "contradictory selections are dropped when they are met"
    return both
