"""Templates: an operation that was prepared for one document and answers all others of its skeleton.

    skeleton ──▶ template ──▶ Operation, with what was lifted out of this document
                 ▲ you are here

Literals of built-in scalars in arguments of fields become variables, exchangeable aliases get names of our own.
Everything that preparing decides is then decided for the whole skeleton: which fields exist, what merges, how large it
is. What a literal alone decides (whether it is valid where it stands) is checked each time, see ``literals``.

Other literals stay as they are written: those of custom scalars, in directives and in defaults of variables. They are
*kept*: a template fits only documents with the same ones.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    GraphQLInputType,
    GraphQLScalarType,
    ListValueNode,
    NameNode,
    OperationDefinitionNode,
    TypeInfo,
    ValueNode,
    VariableDefinitionNode,
    VariableNode,
    Visitor,
    get_nullable_type,
    is_list_type,
    is_specified_scalar_type,
    parse,
    parse_type,
)
from graphql.language.visitor import VisitorActionEnum

from supergraph.errors import OperationError
from supergraph.operation.literals import READERS, REFUSED, ReadLiteral, print_literal, read_list
from supergraph.operation.model import Lifted, Operation
from supergraph.operation.normalise import is_partly_local
from supergraph.operation.select import prepare_document, unlink_tokens
from supergraph.operation.skeleton import Hole, Skeleton, hole
from supergraph.operation.text import operation_key, print_operation
from supergraph.operation.visiting import visit_once
from supergraph.read import Supergraph


@dataclass(frozen=True, slots=True, eq=False)
class _Slot:
    """A variable for a literal: one literal has several if it stands in places of several types."""

    literal: int
    variable: str
    read: ReadLiteral


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Template:
    """An operation for all documents of one skeleton with the same kept literals.

    Attributes:
        kept: The numbers of the literals that are part of the operation.
        stem: What all names of our own begin with.
        aliases: Our names for the aliases of the skeleton.
        text: The normalised text in pieces, between which the ``holes`` stand.
    """

    operation: Operation
    kept: tuple[int, ...]
    stem: str
    slots: tuple[_Slot, ...]
    aliases: tuple[str, ...]
    text: tuple[str, ...]
    holes: tuple[Hole, ...]

    def fill(self, skeleton: Skeleton, document: str) -> Operation | None:
        """The operation for ``document``; ``None`` if one of its literals may not be valid.

        The skeleton must be that of ``document``, and have this template's key and kept literals.
        """
        if self.stem in document:
            return None
        values: dict[str, object] = {}
        for slot in self.slots:
            value = values[slot.variable] = slot.read(skeleton.literals[slot.literal])
            if value is REFUSED:
                return None
        lifted = Lifted(
            document=document,
            key=self._document_key(skeleton),
            values=values,
            aliases=tuple(zip(self.aliases, skeleton.aliases, strict=True)),
        )
        return replace(self.operation, lifted=lifted)

    def _document_key(self, skeleton: Skeleton) -> str:
        first, *rest = self.text
        parts = [first]
        for found, piece in zip(self.holes, rest, strict=True):
            literal = None if found.is_alias else skeleton.literals[found.number]
            parts.append(skeleton.aliases[found.number] if literal is None else print_literal(literal))
            parts.append(piece)
        return operation_key(self.operation.name, "".join(parts))


def kept_literals(skeleton: Skeleton, kept: Sequence[int]) -> tuple[str, ...]:
    """What ``kept`` literals look like in a document."""
    return tuple(skeleton.literals[number] for number in kept)


def make_template(supergraph: Supergraph, skeleton: Skeleton) -> Template | None:
    """The template that answers the document of ``skeleton`` and those like it.

    The document must have been prepared before: what is wrong with it is told to nobody here.

    Returns:
        ``None`` if there is none: for documents with several operations, and for operations that read their own text
        (introspection), that are delivered in parts or that do not end.
    """
    stem = f"_{supergraph.id[:8]}"
    text, literal_at = _restore(skeleton, stem)
    if stem in " ".join((skeleton.key, *skeleton.literals)):
        return None
    document = parse(text)
    unlink_tokens(document)
    definition = _only_operation(document)
    if definition is None:
        return None
    lift = _Lift(TypeInfo(supergraph.request_schema), literal_at, stem)
    lifted = visit_once(document, lift, types=lift.types)
    try:
        operation = prepare_document(supergraph, _declare(lifted, lift.declared))
    except OperationError:
        # Equal strings in different spellings were one value, and have become two variables.
        return None
    if not _is_answered_by_plan(operation):
        return None
    pieces, holes = _cut(operation, definition, lift.declared, stem)
    return Template(
        operation=replace(operation, definition=definition),
        kept=_kept(skeleton, lift.lifted),
        stem=stem,
        slots=tuple(lift.slots.values()),
        aliases=tuple(_alias(stem, number) for number in range(len(skeleton.aliases))),
        text=pieces,
        holes=holes,
    )


def _is_answered_by_plan(operation: Operation) -> bool:
    """Whether nothing but the plan and the values of variables decide the one response."""
    return (
        operation.kind != "subscription"
        and operation.defer_variables is None
        and not is_partly_local(operation.selection)
    )


def _restore(skeleton: Skeleton, stem: str) -> tuple[str, dict[int, int]]:
    """The document with our aliases, and the numbers of the literals that stand at each place of it."""
    written: list[str] = []
    literal_at: dict[int, int] = {}
    length = 0
    for part in skeleton.parts:
        found = hole(part)
        if found is None:
            text = part
        elif found.is_alias:
            text = _alias(stem, found.number)
        else:
            literal_at[length] = found.number
            text = skeleton.literals[found.number]
        written.append(text)
        length += len(text) + 1
    return " ".join(written), literal_at


def _alias(stem: str, number: int) -> str:
    return f"{stem}a{number}"


def _only_operation(document: DocumentNode) -> OperationDefinitionNode | None:
    """The operation of a document that has one, and nothing else but fragments."""
    others = [node for node in document.definitions if not isinstance(node, FragmentDefinitionNode)]
    only = others[0] if len(others) == 1 else None
    return only if isinstance(only, OperationDefinitionNode) else None


class _Lift(Visitor):
    """Puts variables in the places of literals.

    Attributes:
        types: Must be kept up to date by ``TypeInfoVisitor``.
        slots: By the name of the variable.
        declared: Its type.
        lifted: How often each literal was replaced.
    """

    def __init__(self, types: TypeInfo, literal_at: Mapping[int, int], stem: str) -> None:
        super().__init__()
        self.types = types
        self._literal_at = literal_at
        self._stem = stem
        self.slots: dict[str, _Slot] = {}
        self.declared: dict[str, str] = {}
        self.lifted: Counter[int] = Counter()

    def enter_variable_definition(self, *_: object) -> VisitorActionEnum:
        return VisitorActionEnum.SKIP

    def enter_directive(self, *_: object) -> VisitorActionEnum:
        return VisitorActionEnum.SKIP

    def enter_int_value(self, node: ValueNode, *_: object) -> VariableNode | None:
        return self._lift(node, self.types.get_input_type())

    enter_float_value = enter_string_value = enter_int_value

    def enter_list_value(self, node: ListValueNode, *_: object) -> VariableNode | None:
        around = self.types.get_parent_input_type()  # here, the input type is already that of the items
        if not is_list_type(get_nullable_type(around)):
            return None
        return self._lift(node, self.types.get_input_type())

    def _lift(self, node: ValueNode, place: GraphQLInputType | None) -> VariableNode | None:
        number = self._literal_at.get(node.loc.start) if node.loc is not None else None
        scalar = get_nullable_type(place)
        if number is None or not isinstance(scalar, GraphQLScalarType) or not is_specified_scalar_type(scalar):
            return None
        read = READERS[scalar.name]  # of the others, Boolean, no literal is a number or a string
        is_list = isinstance(node, ListValueNode)
        name = f"{self._stem}v{number}{scalar.name}{'List' if is_list else ''}"
        # A literal that is read is never null, and so fits where null may not stand.
        self.declared[name] = f"[{scalar.name}!]!" if is_list else f"{scalar.name}!"
        self.slots[name] = _Slot(number, name, partial(read_list, read) if is_list else read)
        self.lifted[number] += 1
        return VariableNode(name=NameNode(value=name))


def _declare(document: DocumentNode, declared: Mapping[str, str]) -> DocumentNode:
    """The document with variables added to its operation."""
    added = tuple(
        VariableDefinitionNode(
            variable=VariableNode(name=NameNode(value=name)),
            type=parse_type(text, no_location=True),
            directives=(),
            default_value=None,
        )
        for name, text in declared.items()
    )
    return DocumentNode(
        definitions=tuple(
            OperationDefinitionNode(
                operation=node.operation,
                name=node.name,
                variable_definitions=(*(node.variable_definitions or ()), *added),
                directives=node.directives,
                selection_set=node.selection_set,
                loc=node.loc,
            )
            if isinstance(node, OperationDefinitionNode)
            else node
            for node in document.definitions
        )
    )


def _kept(skeleton: Skeleton, lifted: Mapping[int, int]) -> tuple[int, ...]:
    """The literals that were not replaced in each of their places."""
    there = Counter(found.number for found in map(hole, skeleton.parts) if found is not None and not found.is_alias)
    return tuple(number for number, places in sorted(there.items()) if lifted.get(number, 0) < places)


def _cut(
    operation: Operation, definition: OperationDefinitionNode, declared: Mapping[str, str], stem: str
) -> tuple[tuple[str, ...], tuple[Hole, ...]]:
    """The operation's text, without our variables in its head, cut where an alias or a variable of ours stands."""
    own = [variable for variable in operation.variables if variable.name not in declared]
    text = print_operation(definition, operation.fragments, own, operation.selection)
    pieces = re.split(rf"\$?{stem}([av][0-9]+)[A-Za-z]*", text)
    holes = tuple(Hole(int(piece[1:]), is_alias=piece[0] == "a") for piece in pieces[1::2])
    return tuple(pieces[::2]), holes
