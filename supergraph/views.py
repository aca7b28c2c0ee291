"""What each subgraph can do, read off the join directives of a supergraph.

    supergraph SDL ──▶ views ──▶ query graph ──▶ planner, satisfiability
                       ▲ you are here

Whoever needs to know what a subgraph has asks its view; join directives, of every version from 0.1 to 0.5, are read
in ``supergraph.reader`` alone. A view is light: names, types and field-set texts, no graphql-core schema.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from supergraph.sdl.types import TypeRef


@dataclass(frozen=True, slots=True)
class KeyView:
    """One ``@key``: the field set as text, and whether the subgraph can be entered by it."""

    fields: str
    resolvable: bool = True


@dataclass(frozen=True, slots=True)
class ContextArgument:
    """An argument that is filled from an ancestor (``@fromContext``)."""

    name: str
    type: str
    context: str
    selection: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldView:
    """A field as one subgraph has it.

    Attributes:
        type: The type in this subgraph, which may be narrower than the supergraph's.
        external: The subgraph does not resolve the field, except below a matching ``@provides``.
        requires: Field set of ``@requires`` on the parent type, with only the leaves that are external here.
        provides: Field set of ``@provides`` on the field's own type.
        override_label: Label of a progressive override that decides whether this subgraph resolves the field.
        label_wanted: The state of the label in which this subgraph resolves the field.
    """

    name: str
    type: TypeRef
    external: bool = False
    requires: str | None = None
    provides: str | None = None
    override_label: str | None = None
    label_wanted: bool = True
    context_arguments: tuple[ContextArgument, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TypeView:
    """A type as one subgraph has it.

    Attributes:
        kind: ``object``, ``interface``, ``union``, ``enum``, ``input`` or ``scalar``; an interface object is an
            ``object``.
        fields: Of objects and interfaces; empty for other kinds.
        interfaces: The interfaces that it implements in this subgraph.
        members: Of a union in this subgraph.
        values: Of an enum in this subgraph.
        contexts: The contexts that it sets, each named ``<subgraph>__<name>`` after the subgraph that asked for it.
    """

    name: str
    kind: str
    keys: tuple[KeyView, ...] = ()
    interface_object: bool = False
    fields: Mapping[str, FieldView] = field(default_factory=dict)
    interfaces: tuple[str, ...] = ()
    members: tuple[str, ...] = ()
    values: tuple[str, ...] = ()
    contexts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SubgraphView:
    """Everything that one subgraph contributes.

    Attributes:
        name: The subgraph's original name, which plans and messages show.
        enum_name: Its value in ``join__Graph``.
        types: By name, in the order of the supergraph document.
        runtime_types: For each interface and union of this subgraph the object types that an instance can have
            *here*, in document order. An interface object has no entry: its instances' types are unknown here.
    """

    name: str
    enum_name: str
    url: str
    types: Mapping[str, TypeView]
    runtime_types: Mapping[str, tuple[str, ...]]
