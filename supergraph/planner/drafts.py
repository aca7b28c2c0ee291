"""The fetch graph while it is being built: mutable drafts of requests and of what they select."""

from typing import TYPE_CHECKING

from supergraph.operation.conditions import shared
from supergraph.operation.model import Conditions
from supergraph.plan.nodes import ContextInput, InputObject, Path
from supergraph.planner.positions import Arguments

if TYPE_CHECKING:
    from supergraph.query_graph import Node


class DraftField:
    """One field of a request; ``below`` is ``None`` for a leaf.

    ``is_shown`` says that clients see it, and it is not only there for what other requests need.
    """

    __slots__ = ("arguments", "below", "conditions", "directives", "is_shown", "key", "name", "variables")

    def __init__(
        self,
        key: str,
        name: str,
        *,
        arguments: Arguments,
        conditions: Conditions,
        directives: str,
        variables: frozenset[str],
        below: "DraftSelection | None",
        is_shown: bool = False,
    ) -> None:
        self.key = key
        self.name = name
        self.arguments = arguments
        self.conditions = conditions
        self.directives = directives
        self.variables = variables
        self.below = below
        self.is_shown = is_shown


class DraftCast:
    """``... on type { below }``; without a type, which only conditions need, if that is the empty string."""

    __slots__ = ("below", "conditions", "is_shown", "type")

    def __init__(self, type_name: str, conditions: Conditions) -> None:
        self.type = type_name
        self.conditions = conditions
        self.below = DraftSelection()
        self.is_shown = False


class DraftSelection:
    """What a request selects on one object.

    What clients see comes in the order in which they asked, whatever was needed before: so answers have the order of
    the response. Fields of several types can hold one selection together, see ``alike``.

    Attributes:
        typename: Whether the type name is selected.
        typename_asked: When it is needed for its own sake; ``None`` if it only serves what else is selected.
    """

    __slots__ = ("_guarded", "items", "typename", "typename_asked")

    def __init__(self) -> None:
        self.items: dict[tuple[str, ...], DraftField | DraftCast] = {}
        self._guarded: dict[str, list[tuple[str, ...]]] = {}
        self.typename = False
        self.typename_asked: Conditions | None = None

    def ask_typename(self, conditions: Conditions) -> None:
        """Select the type name for its own sake."""
        self.typename = True
        known = self.typename_asked
        self.typename_asked = conditions if known is None else shared((known, conditions))

    def field(self, new: DraftField) -> DraftField:
        """Select ``new``, or find it if it is selected already; what is selected always is not selected again."""
        identity = ("field", new.key)
        always = self.items.get(identity)
        if isinstance(always, DraftField):
            if new.is_shown:
                self._show(identity, always)
            return always
        if not new.conditions:
            if new.below is None:
                for guarded in self._guarded.pop(new.key, ()):
                    self.items.pop(guarded, None)
            self.items[identity] = new
            return new
        guarded = (*identity, _text(new.conditions))
        known_item = self.items.setdefault(guarded, new)
        if known_item is new:
            self._guarded.setdefault(new.key, []).append(guarded)
        elif new.is_shown:
            self._show(guarded, known_item)
        assert isinstance(known_item, DraftField)
        return known_item

    def cast(self, type_name: str, conditions: Conditions = (), *, is_shown: bool = False) -> "DraftSelection":
        """The selection on objects of ``type_name``; ``is_shown`` if it is for fields that clients see."""
        identity = ("cast", type_name, _text(conditions))
        item = self.items.setdefault(identity, DraftCast(type_name, conditions))
        assert isinstance(item, DraftCast)
        if is_shown:
            self._show(identity, item)
        return item.below

    def _show(self, identity: tuple[str, ...], item: DraftField | DraftCast) -> None:
        """Clients see it from now on: it comes after what they have asked for before."""
        if not item.is_shown:
            item.is_shown = True
            self.items[identity] = self.items.pop(identity)

    def merge(self, other: "DraftSelection") -> None:
        """Select everything that ``other`` selects as well."""
        self._merge(other, set())

    def _merge(self, other: "DraftSelection", done: "set[tuple[DraftSelection, DraftSelection]]") -> None:
        # Types that are asked alike share what is below, so the same two can meet many times.
        if self is other or (self, other) in done:
            return
        done.add((self, other))
        self.typename = self.typename or other.typename
        if other.typename_asked is not None:
            self.ask_typename(other.typename_asked)
        for item in other.items.values():
            if isinstance(item, DraftCast):
                self.cast(item.type, item.conditions, is_shown=item.is_shown)._merge(item.below, done)  # noqa: SLF001 - of the same class
            else:
                mine = self.field(item)
                if mine is not item and mine.below is not None and item.below is not None:
                    mine.below._merge(item.below, done)  # noqa: SLF001 - of the same class


def _text(conditions: Conditions) -> str:
    return " ".join(f"{condition.variable}={condition.wanted}" for condition in conditions)


class Draft:
    """One request.

    Attributes:
        asked_for: The type of the position that it was made for.
        stage: The stage that the search gave it.
        paths: Where its objects stand; for a root request the one place that its data is merged into.
        nodes: For an entity request, per concrete type the node that is opened.
        inputs: Per concrete type how a representation is built.
        available: Per concrete type when the data that the representation is built from is fetched.
        needs: The drafts that produce its inputs.
        contexts: Variables filled from above, each with its type as GraphQL text.
        block: The deferred part that it is made for; requests of different parts never merge.
    """

    __slots__ = (
        "asked_for",
        "available",
        "block",
        "conditions",
        "contexts",
        "graph",
        "inputs",
        "kind",
        "needs",
        "nodes",
        "paths",
        "selection",
        "stage",
    )

    def __init__(self, graph: int, kind: str, path: Path, stage: int, block: int | None = None) -> None:
        self.block = block
        self.asked_for = ""
        self.graph = graph
        self.kind = kind
        self.paths = [path]
        self.stage = stage
        self.selection = DraftSelection()
        self.nodes: dict[str, Node] = {}
        self.inputs: dict[str, InputObject] = {}
        self.available: dict[str, Conditions] = {}
        self.needs: dict[Draft, None] = {}
        self.contexts: dict[ContextInput, str] = {}
        self.conditions: Conditions = ()

    @property
    def path(self) -> Path:
        """The place it was made for."""
        return self.paths[0]

    @property
    def is_entity(self) -> bool:
        """Whether it asks for entities by representation."""
        return bool(self.inputs)


def add_conditions(left: Conditions, right: Conditions) -> Conditions:
    """The conjunction of both; one that contradicts itself is kept, and its request dropped when all is known of it."""
    return tuple(sorted({*left, *right})) if left and right else left or right


def variables_of(selection: DraftSelection) -> set[str]:
    """Every variable that a selection uses."""
    found: set[str] = set()
    seen = {selection}
    pending = [selection]
    while pending:
        for item in pending.pop().items.values():
            found.update(condition.variable for condition in item.conditions)
            if isinstance(item, DraftField):
                found |= item.variables
            if item.below is not None and item.below not in seen:
                seen.add(item.below)
                pending.append(item.below)
    return found
