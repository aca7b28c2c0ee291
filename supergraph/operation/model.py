"""A normalised operation: the tree that planner, executor and projection share.

    document ──▶ prepare ──▶ Operation ──▶ plan ──▶ execute ──▶ project
                             ▲ you are here

Fragments are gone, literal conditions are decided, the fields of one parent are merged by response key and condition,
and every type condition names an object type (on an abstract parent; on an object parent it is inlined or dropped).
The order of units is the order in which the spec's CollectFields meets them, so that walking the units for one
concrete type gives the order of response keys.
https://spec.graphql.org/September2025/#sec-Field-Collection
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from graphql import FragmentDefinitionNode, OperationDefinitionNode

from supergraph.sdl.types import TypeRef


class Condition(NamedTuple):
    """``@include(if: $variable)`` if ``wanted``, else ``@skip(if: $variable)``.

    A tuple, since planning compares conditions more often than anything else; operations with hundreds of them took
    twice as long with a dataclass.
    """

    variable: str
    wanted: bool


Conditions = tuple[Condition, ...]
"""A conjunction, sorted, without repetition; empty means always."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Field:
    """One field of a selection set.

    Attributes:
        id: Unique within the operation; (id, concrete type) is what a plan renames store keys by.
        arguments: Pairs of name and printed value, sorted by name.
        variables: The variables in arguments and directives.
        type: The field's type in the supergraph, on this parent type.
        conditions: When the field is asked for.
        selection: ``None`` for a leaf, and for ``__schema`` and ``__type``, which are executed as they were written.
        directives: Executable directives other than ``@skip``, ``@include`` and ``@defer``, printed.
        hidden: The field is a ``__typename`` that nobody asked for: it stands where a selection set became empty, is
            fetched if something must be, and is not part of the response.
    """

    id: int
    response_key: str
    name: str
    type: TypeRef
    arguments: tuple[tuple[str, str], ...] = ()
    variables: frozenset[str] = frozenset()
    conditions: Conditions = ()
    selection: "SelectionSet | None" = None
    directives: str = ""
    hidden: bool = False


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Cast:
    """``... on type { selection }``, where ``type`` is an object type and the parent is abstract."""

    type: str
    selection: "SelectionSet"
    conditions: Conditions = ()

    @property
    def for_client(self) -> bool:
        """Whether the client asked for it; planning adds casts of its own."""
        return True


Unit = Field | Cast


@dataclass(frozen=True, slots=True)
class Block:
    """What a ``@defer`` at one position delivers, in one payload for each object that stands there.

    Attributes:
        id: Unique within the operation; a block inside another has the larger one.
        label: As the client wrote it.
        parent: The id of the block around it, which is delivered before.
    """

    id: int
    label: str | None = None
    parent: int | None = None


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Deferred:
    """``... @defer { selection }``, at the type of the position that it stands at.

    Attributes:
        block: The same for every concrete type, where the fragment's type condition was taken apart.
        conditions: When the block is delivered at all; what it selects carries them as well.
    """

    block: Block
    selection: "SelectionSet"
    conditions: Conditions = ()


@dataclass(frozen=True, slots=True, eq=False)
class SelectionSet:
    """The units that are selected on one position.

    Attributes:
        type: The object, interface or union type of the position in the supergraph.
        deferred: What is selected besides, and delivered later; whoever does not know of it leaves it out.
    """

    type: str
    units: tuple[Unit, ...]
    deferred: tuple[Deferred, ...] = ()


@dataclass(frozen=True, slots=True)
class VariableDefinition:
    """A variable as the client declared it; ``type`` and ``default`` are GraphQL text."""

    name: str
    type: str
    default: str | None = None


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Lifted:
    """What a document has in the places where the operation that answers it has variables and aliases of our own.

    Attributes:
        document: What the client sent.
        key: Hash of the name and the normalised text of ``document`` itself, as if nothing was lifted.
        values: Of variables that the client did not declare; they are valid.
        aliases: Pairs of a response key of the operation and the client's alias.
    """

    document: str
    key: str
    values: Mapping[str, object]
    aliases: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Operation:
    """A client's operation, validated and normalised.

    Attributes:
        kind: ``query``, ``mutation`` or ``subscription``.
        blocks: The deferred parts, those around others first; empty where ``@defer`` was taken out.
        defer_variables: The variables that decide what is deferred; ``None`` without any ``@defer``.
        definition: The operation as the client wrote it, for coercion of variables and for introspection.
        fragments: The fragments of the client's document.
        text: The normalised operation, printed: equal texts are answered by the same plan.
        key: Hash of ``text`` and ``name``.
        lifted: Set if this was made for another document, and answers this one with other values and response keys.
    """

    kind: str
    name: str | None
    selection: SelectionSet
    variables: tuple[VariableDefinition, ...]
    definition: OperationDefinitionNode
    fragments: Mapping[str, FragmentDefinitionNode]
    text: str
    key: str
    blocks: tuple[Block, ...] = ()
    defer_variables: frozenset[str] | None = None
    lifted: Lifted | None = None

    @property
    def document_key(self) -> str:
        """The key of what the client sent: for logs, where documents are told apart."""
        return self.key if self.lifted is None else self.lifted.key
