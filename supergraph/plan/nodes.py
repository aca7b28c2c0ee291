"""The query plan: what the planner hands to the executor.

    operation ──▶ planner ──▶ QueryPlan ──▶ executor ──▶ response
                              ▲ you are here

A plan has two forms. ``fetches`` is what is executed: requests in a dependency graph, each started when its ``needs``
have finished. ``node`` is what is shown: the same fetches as a tree of sequences and parallels. Nodes are values, so a
plan can be cached, shown and asserted on as a whole. Nothing here knows how a fetch is sent.

All data of one operation is merged into one tree, the *store*, keyed by *store keys*. A store key is the response key
that a subgraph answers with. It is the client's response key wherever that is free; where two things of different
shape or meaning would meet, one of them gets a hidden key such as ``__1``. ``__typename`` as a store key always holds
the name of the object's type, whatever the client aliases to that name.
"""

from dataclasses import dataclass

from supergraph.operation.model import Conditions


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a path into the store.

    Attributes:
        key: The store key to enter, or ``None`` for every element of a list.
        types: Go on only with objects of these type names; empty means with all.
    """

    key: str | None
    types: tuple[str, ...] = ()

    def __str__(self) -> str:
        name = "@" if self.key is None else self.key
        return f"{name}|[{','.join(self.types)}]" if self.types else name


Path = tuple[Step, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class InputField:
    """One field of a representation: sent as ``name``, read from ``store_key``.

    Attributes:
        nullable: Whether a null may be sent. A null in a non-null field means that its producer failed, and then
            there is no representation.
        selection: For a composite field one template for each possible type; empty for a leaf.
    """

    name: str
    store_key: str
    nullable: bool
    selection: "tuple[InputObject, ...]" = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class InputObject:
    """How one object of a representation is built.

    Attributes:
        types: The type names of stored objects that this template fits. An object whose type name is not stored fits
            the first template.
        typename: What is sent as ``__typename``; ``None`` sends none (nested objects of a known type).
    """

    types: tuple[str, ...]
    typename: str | None
    fields: tuple[InputField, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ContextValue:
    """Where a contextual value stands on the object that sets the context.

    Attributes:
        types: The type names of objects that this fits.
        keys: The store keys from that object down to the value.
    """

    types: tuple[str, ...]
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ContextInput:
    """A variable that is filled from an object above the entity (``@fromContext``).

    Entities whose values differ cannot share a request. Where the value is null or missing and ``nullable`` is false,
    the entity is not fetched.

    Attributes:
        variable: Without ``$``.
        depth: How many steps of the call's path lead to the object that sets the context.
    """

    variable: str
    depth: int
    values: tuple[ContextValue, ...]
    nullable: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class EntityCall:
    """One ``_entities`` field of a fetch.

    Attributes:
        alias: Its response key: ``_entities``, or ``_e0``, ``_e1``, … where a fetch makes several.
        variable: The variable of its representations, without ``$``.
        paths: Where the objects stand; representations of all paths are concatenated and deduplicated.
        templates: One for each type that can stand there and is served.
        selection: What is asked of the entities, as text for people, without the ``_entities`` wrapper.
        contexts: Variables that are filled from above; a call that has any has one path.
    """

    alias: str
    variable: str
    paths: tuple[Path, ...]
    templates: tuple[InputObject, ...]
    selection: str = ""
    contexts: tuple[ContextInput, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRename:
    """A key of an answer that is stored under another name. Our planner makes none; plans from elsewhere may.

    Attributes:
        path: From the answer's ``data`` to the objects that have the key; guards say of which types.
        key: As the subgraph answers it.
        renamed: As it is stored.
    """

    path: Path
    key: str
    renamed: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetch:
    """One request to one subgraph.

    Attributes:
        id: Its index in ``QueryPlan.fetches``.
        subgraph: The subgraph's original name.
        kind: ``query``, ``mutation`` or ``subscription``.
        operation: GraphQL text, sent as it is.
        variables: The client's variables that ``operation`` uses.
        path: Root fetches only: the position that ``data`` is merged into, () for the response's root.
        entities: Empty for a root fetch.
        needs: Ids of the fetches that must have finished before this one starts.
        conditions: All must hold for the fetch to be made.
        block: The id of the deferred part that it is made for. Such fetches stand behind all others, and no fetch of
            another part needs them but those of parts inside.
        renames: Done to its answer before anything else.
    """

    id: int
    subgraph: str
    kind: str
    operation: str
    operation_name: str | None = None
    variables: tuple[str, ...] = ()
    path: Path = ()
    entities: tuple[EntityCall, ...] = ()
    needs: tuple[int, ...] = ()
    conditions: Conditions = ()
    block: int | None = None
    renames: tuple[KeyRename, ...] = ()


@dataclass(frozen=True, slots=True)
class FetchNode:
    """A fetch as a leaf of the tree; an entity fetch stands under its path.

    Attributes:
        is_awaited: A deferred part names it among those that it depends on.
    """

    fetch: Fetch
    is_awaited: bool = False


@dataclass(frozen=True, slots=True)
class SequenceNode:
    """Nodes that run one after the other."""

    nodes: "tuple[PlanNode, ...]"


@dataclass(frozen=True, slots=True)
class ParallelNode:
    """Nodes that run at the same time."""

    nodes: "tuple[PlanNode, ...]"


@dataclass(frozen=True, slots=True)
class ConditionNode:
    """A node that runs only when a variable is true (``then``) or false (``otherwise``)."""

    variable: str
    then: "PlanNode | None" = None
    otherwise: "PlanNode | None" = None


@dataclass(frozen=True, slots=True)
class SubscriptionNode:
    """``primary`` opens the stream; ``rest`` runs for each event."""

    primary: FetchNode
    rest: "PlanNode | None" = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeferredPart:
    """What is delivered after the rest.

    Attributes:
        depends: Ids of the fetches around it that its own fetches need.
        path: Where its objects stand in the response.
        subselection: What it delivers, as GraphQL text; empty where ``node`` says it.
        node: Its own fetches; ``None`` if all of it was fetched before. A ``DeferNode`` if it has deferred parts.
    """

    depends: tuple[int, ...]
    label: str | None
    path: Path
    subselection: str
    node: "PlanNode | None"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeferNode:
    """``primary`` is delivered first, then each of ``deferred`` as it becomes ready.

    Attributes:
        subselection: What is delivered first, as GraphQL text.
    """

    subselection: str
    primary: "PlanNode | None"
    deferred: tuple[DeferredPart, ...]


PlanNode = FetchNode | SequenceNode | ParallelNode | ConditionNode | SubscriptionNode | DeferNode


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanMetrics:
    """What a plan costs, for tests and telemetry."""

    requests: int = 0
    stages: int = 0
    evaluations: int = 0
