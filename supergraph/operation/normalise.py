"""From selection sets as they were written to the normalised tree.

    document ──▶ validate ──▶ normalise ──▶ Operation
                              ▲ you are here

One position at a time, the written selections are walked in the order of the spec's CollectFields and sorted into
units; what a field selects below is only remembered, and becomes the position below. So fields merge before their
sub-selections are looked at, and every fragment is entered once per position and condition.

Two units of one position may share a response key only if neither's conditions imply the other's, or if merging them
would change the order of the response: in ``{ x @include(if: $c) y x }`` the place of ``x`` depends on ``$c``. What a
fragment selects if a variable is true, and again if it is false, becomes one, else it would double at every level.

A deferred fragment is a position of its own at the same place: nothing of it merges with what is not deferred.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import dropwhile

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLSchema,
    InlineFragmentNode,
    Node,
    SelectionNode,
    SelectionSetNode,
    is_abstract_type,
    is_composite_type,
)

from supergraph.errors import OperationError
from supergraph.operation.conjunctions import NO_CONDITION, Conjunction, Conjunctions, Part, implies
from supergraph.operation.defer import Deferral, read_deferral
from supergraph.operation.model import Block, Cast, Deferred, Field, SelectionSet, Unit
from supergraph.operation.schema_types import TYPENAME, field_type, possible_types
from supergraph.operation.values import print_arguments, print_directives, used_variables
from supergraph.sdl.types import base_name

MAX_NODES = 10_000

STEPS_PER_NODE = 100
"""How many steps may be made for each node that is allowed. A selection that is looked at takes ten, since a fragment
can be entered under ever other conditions; comparing conditions takes one."""

_LOOK = 10

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


@dataclass(slots=True, eq=False)
class _FieldDraft:
    """A field of a position; ``parts`` are its sub-selections, each with the conditions it has of its own."""

    node: FieldNode
    conditions: Conjunction
    parts: list[Part] = field(default_factory=list)

    @property
    def key(self) -> str:
        return (self.node.alias or self.node.name).value

    @property
    def is_leaf(self) -> bool:
        return self.node.selection_set is None


@dataclass(slots=True, eq=False)
class _DeferredDraft:
    """A deferred fragment of a position, or of one concrete type there; these share ``block``."""

    block: "_BlockDraft"
    node: SelectionSetNode
    conditions: Conjunction


@dataclass(slots=True, eq=False)
class _BlockDraft:
    deferral: Deferral
    block: Block | None = None


@dataclass(slots=True, eq=False)
class _Group:
    """An unbroken run of fields of one concrete type: a cast."""

    type: str
    fields: list[_FieldDraft] = field(default_factory=list)
    deferred: list[_DeferredDraft] = field(default_factory=list)


_Drafts = dict[Conjunction, _FieldDraft]
"""The fields of one response key and type."""


_Units = list[_FieldDraft] | list[_FieldDraft | _Group]
"""What has an order: the units of a position, or the fields of one type there."""


@dataclass(slots=True)
class _Position:
    """The units of one position in the making.

    Attributes:
        units: Fields of the position's own type, and groups of fields of one concrete type.
        known: The fields met so far by (concrete type or "", response key), each by its conditions.
        open_casts: The groups that may still grow: no field of the position itself came after them.
        entered: Fragments that were entered for these types, with the conditions that they were entered under.
    """

    type: str
    units: list[_FieldDraft | _Group] = field(default_factory=list)
    deferred: list[_DeferredDraft] = field(default_factory=list)
    known: dict[tuple[str, str], _Drafts] = field(default_factory=dict)
    open_casts: dict[str, _Group] = field(default_factory=dict)
    entered: dict[tuple[int, tuple[str, ...] | None, Deferral | None], dict[Conjunction, None]] = field(
        default_factory=dict
    )


@dataclass(slots=True)
class Normaliser:
    """Normalises the selections of one operation.

    Attributes:
        schema: Types that ``schema`` does not have do not occur.
        fragments: The named fragments of the document.
        max_nodes: How many units may result; more raise ``OperationError``. So do too many steps, see
            ``STEPS_PER_NODE``.
        defer_off: The variables that switch a ``@defer`` off; ``None`` takes every ``@defer`` out.
        blocks: The deferred parts met so far, by their ids.
    """

    schema: GraphQLSchema
    fragments: Mapping[str, FragmentDefinitionNode] = field(default_factory=dict)
    max_nodes: int = MAX_NODES
    defer_off: frozenset[str] | None = None
    blocks: dict[int, Block] = field(default_factory=dict)
    _next_block: int = 0
    _around: int | None = None
    _next_id: int = 0
    _nodes: int = 0
    _steps: int = 0
    _conjunctions: Conjunctions = field(default_factory=Conjunctions)

    def normalise(self, type_name: str, node: SelectionSetNode) -> SelectionSet:
        """The tree of ``node`` on ``type_name``; empty if nothing of it can ever be asked for."""
        return self._build(type_name, [(node, NO_CONDITION)], NO_CONDITION)

    def _build(self, type_name: str, parts: Sequence[Part], held: Conjunction) -> SelectionSet:
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
        outer: Conjunction,
        types: tuple[str, ...] | None,
        held: Conjunction,
    ) -> None:
        """Sort the selections of ``selection_set`` into ``position``.

        ``outer`` are the conditions of the fragments around, ``types`` the concrete types that they leave: ``None``
        means all that the position can have.
        """
        for node, own in self._selections(selection_set):
            self._step(_LOOK, node)
            if self._conjunctions.are_exclusive(own | outer, held):
                continue
            conditions = (own | outer) & ~held
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

    def _selections(self, selection_set: SelectionSetNode) -> Iterator[tuple[SelectionNode, Conjunction]]:
        """The selections that can be asked for, each with its own conditions.

        A fragment that is spread if a variable is true and, right behind, if it is false is spread once.
        """
        last: tuple[FragmentSpreadNode, Conjunction] | None = None
        for node in selection_set.selections:
            own = self._conjunctions.read(node.directives) if node.directives else NO_CONDITION
            if own is None:
                continue
            if last is not None:
                spread, before = last
                if (
                    isinstance(node, FragmentSpreadNode)
                    and node.name.value == spread.name.value
                    and self._conjunctions.are_opposite(before, own)
                    and not _is_deferred(node, spread)
                ):
                    last = (spread, before & own)
                    continue
                yield last
            last = None
            if isinstance(node, FragmentSpreadNode):
                last = (node, own)
            else:
                yield node, own
        if last is not None:
            yield last

    def _enter(
        self,
        position: _Position,
        node: InlineFragmentNode | FragmentSpreadNode,
        selection_set: SelectionSetNode,
        conditions: Conjunction,
        types: tuple[str, ...] | None,
        held: Conjunction,
    ) -> None:
        deferral = None if self.defer_off is None else read_deferral(node.directives or (), self.defer_off)
        entered = position.entered.setdefault((id(selection_set), types, deferral), {})
        self._step(len(entered), node)
        if types == () or self._conjunctions.cover(entered, conditions):
            return
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
        self, position: _Position, node: FieldNode, conditions: Conjunction, types: tuple[str, ...] | None
    ) -> None:
        if types is None:
            if not self._merge(position, "", node, conditions):
                self._count(node)
                position.units.append(self._new_draft(position, "", node, conditions))
                position.open_casts.clear()
            return
        for concrete in types:
            self._add_to_cast(position, concrete, node, conditions)

    def _add_to_cast(self, position: _Position, concrete: str, node: FieldNode, conditions: Conjunction) -> None:
        key = (node.alias or node.name).value
        if node.selection_set is None and any(
            implies(conditions, known) for known in position.known.get(("", key), ())
        ):
            return  # the position itself selects this leaf already, for every type
        if self._merge(position, concrete, node, conditions):
            return
        self._count(node)
        self._open_group(position, concrete, node).fields.append(self._new_draft(position, concrete, node, conditions))

    def _new_draft(self, position: _Position, concrete: str, node: FieldNode, conditions: Conjunction) -> _FieldDraft:
        draft = _FieldDraft(node, conditions)
        self._add_node(draft, node, conditions)
        position.known.setdefault((concrete, draft.key), {})[conditions] = draft
        return draft

    def _open_group(self, position: _Position, concrete: str, node: Node) -> _Group:
        group = position.open_casts.get(concrete)
        if group is None:
            self._count(node)
            group = position.open_casts[concrete] = _Group(concrete)
            position.units.append(group)
        return group

    def _merge(self, position: _Position, concrete: str, node: FieldNode, conditions: Conjunction) -> bool:
        """Merge a field into one that the position has already, if the order of the response allows it."""
        drafts = position.known.get((concrete, (node.alias or node.name).value))
        if not drafts:
            return False
        self._step(len(drafts), node)
        known = (
            conditions if conditions in drafts else next((each for each in drafts if implies(conditions, each)), None)
        )
        if known is not None:
            self._add_node(drafts[known], node, conditions)
            return True
        units = _units_of(position, concrete)
        last = units[-1] if units else None
        if (
            isinstance(last, _FieldDraft)
            and drafts.get(last.conditions) is last
            and implies(last.conditions, conditions)
        ):
            self._relax(drafts, last, conditions)
            self._add_node(last, node, conditions)
            return True
        return self._merge_opposite(units, drafts, node, conditions)

    def _merge_opposite(self, units: _Units, drafts: _Drafts, node: FieldNode, conditions: Conjunction) -> bool:
        """Merge a field into one that is there if a variable has the other truth, and so on with what comes of it."""
        draft = self._find_opposite(units, drafts, node, conditions)
        if draft is None:
            return False
        self._relax(drafts, draft, conditions)
        self._add_node(draft, node, conditions)
        while (other := self._find_opposite(units, drafts, draft.node, draft.conditions, behind=draft)) is not None:
            units.remove(draft)
            del drafts[draft.conditions]
            self._relax(drafts, other, draft.conditions)
            for below, own in draft.parts:
                when = (own | draft.conditions) & ~other.conditions
                self._conjunctions.add_part(other.parts, below, when)
            draft = other
        return True

    def _find_opposite(
        self,
        units: _Units,
        drafts: _Drafts,
        node: FieldNode,
        conditions: Conjunction,
        *,
        behind: _FieldDraft | None = None,
    ) -> _FieldDraft | None:
        """The field that ``node`` may be moved to: no unit between it and ``behind`` can be there at the same time."""
        for opposite in self._conjunctions.opposites(conditions):
            draft = drafts.get(opposite)
            if draft is None or (draft.node is not node and node.selection_set is not None):
                continue
            between = reversed(units)
            if behind is not None:
                between = dropwhile(lambda unit: unit is not behind, between)
                next(between)
            for unit in between:
                if unit is draft:
                    return draft
                self._step(1, node)
                if not self._is_exclusive(unit, conditions):
                    break
        return None

    def _is_exclusive(self, unit: _FieldDraft | _Group, conditions: Conjunction) -> bool:
        drafts: Sequence[_FieldDraft | _DeferredDraft] = (
            (*unit.fields, *unit.deferred) if isinstance(unit, _Group) else (unit,)
        )
        return all(self._conjunctions.are_exclusive(draft.conditions, conditions) for draft in drafts)

    def _add_node(self, draft: _FieldDraft, node: FieldNode, conditions: Conjunction) -> None:
        if node.selection_set is not None:
            self._conjunctions.add_part(draft.parts, node.selection_set, conditions & ~draft.conditions)

    def _relax(self, drafts: _Drafts, draft: _FieldDraft, conditions: Conjunction) -> None:
        """Let a field be there under other conditions as well; what it selects so far keeps the difference."""
        del drafts[draft.conditions]
        lost = draft.conditions & ~conditions
        draft.parts = [(node, own | lost) for node, own in draft.parts]
        draft.conditions &= conditions
        drafts[draft.conditions] = draft

    def _finish_deferred(
        self, parent: str, drafts: Sequence[_DeferredDraft], held: Conjunction
    ) -> tuple[Deferred, ...]:
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
                conditions = self._conjunctions.write(draft.conditions)
                found.append(Deferred(block=block, selection=selection, conditions=conditions))
                self.blocks[block.id] = block
        return tuple(found)

    def _finish_cast(self, group: _Group, held: Conjunction) -> Cast:
        drafts: list[_FieldDraft | _DeferredDraft] = [*group.fields, *group.deferred]
        lifted = drafts[0].conditions
        for draft in drafts:
            lifted &= draft.conditions
        inside = held | lifted
        for draft in drafts:
            draft.conditions &= ~lifted
        units = tuple(self._finish(group.type, draft, inside) for draft in group.fields)
        deferred = self._finish_deferred(group.type, group.deferred, inside)
        if not units:
            units = (self._hidden_typename(),)  # whether there is anything to deliver depends on the object's type
        selection = SelectionSet(group.type, units, deferred)
        return Cast(type=group.type, selection=selection, conditions=self._conjunctions.write(lifted))

    def _finish(self, parent: str, draft: _FieldDraft, held: Conjunction) -> Field:
        node = draft.node
        name = node.name.value
        arguments, directives = node.arguments or (), node.directives or ()
        own_id = self._next_id
        self._next_id += 1
        type_ref = field_type(self.schema, parent, name)
        selection = None
        if draft.parts and name not in LOCAL_FIELDS:
            selection = self._build(base_name(type_ref), draft.parts, held | draft.conditions)
            if not selection.units:
                selection = SelectionSet(selection.type, (self._hidden_typename(),), selection.deferred)
        return Field(
            id=own_id,
            response_key=draft.key,
            name=name,
            type=type_ref,
            arguments=print_arguments(arguments),
            variables=used_variables(arguments, directives),
            conditions=self._conjunctions.write(draft.conditions),
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
            raise _too_complex(f"selects more than {self.max_nodes} fields with its fragments expanded", node)

    def _step(self, steps: int, node: Node) -> None:
        self._steps += steps
        if self._steps > self.max_nodes * STEPS_PER_NODE:
            raise _too_complex("enters its fragments too often, or under too many conditions", node)


def _units_of(position: _Position, concrete: str) -> _Units:
    """The units among which a field of the position, or of one type there, has its place."""
    if not concrete:
        return position.units
    group = position.open_casts.get(concrete)
    return group.fields if group is not None else []


def _is_deferred(*nodes: FragmentSpreadNode) -> bool:
    return any(directive.name.value == "defer" for node in nodes for directive in node.directives or ())


def _too_complex(what: str, node: Node) -> OperationError:
    return OperationError("QUERY_PLAN_COMPLEXITY_EXCEEDED", [GraphQLError(f"The operation {what}.", node)])
