"""What types mean in each subgraph, looked up once for each question."""

from collections.abc import Callable, Iterable
from typing import TypeVar

from graphql import get_named_type, is_abstract_type

from supergraph.read import Supergraph
from supergraph.sdl.types import base_name
from supergraph.views import FieldView, SubgraphView, TypeView

Answer = TypeVar("Answer")


class Types:
    """Questions about types, with their answers."""

    def __init__(self, supergraph: Supergraph) -> None:
        self.schema = supergraph.schema
        self.subgraphs = supergraph.subgraphs
        self._objects: dict[str, frozenset[str]] = {}
        self._runtime: dict[tuple[str, str], frozenset[str]] = {}
        self._views: dict[tuple[str, str], TypeView | None] = {}
        self._targets: dict[tuple[str, str], frozenset[str]] = {}

    def objects(self, type_name: str) -> frozenset[str]:
        """The object types of a supergraph type."""
        return _once(self._objects, type_name, lambda: self._find_objects(type_name))

    def runtime(self, subgraph: SubgraphView, type_name: str) -> frozenset[str]:
        """The object types that an instance can have in a subgraph."""
        return _once(self._runtime, (subgraph.name, type_name), lambda: self._find_runtime(subgraph, type_name))

    def view(self, subgraph: SubgraphView, type_name: str) -> TypeView | None:
        """An object type as the subgraph knows it: itself, or an interface object in its stead."""
        return _once(self._views, (subgraph.name, type_name), lambda: self._find_view(subgraph, type_name))

    def targets(self, type_name: str, name: str) -> frozenset[str]:
        """The object types that a field can return: those that all subgraphs which resolve it know."""
        return _once(self._targets, (type_name, name), lambda: self._find_targets(type_name, name))

    def matches(self, subgraph: SubgraphView, type_name: str, condition: str) -> bool:
        """Whether an object meets a type condition in a subgraph."""
        return type_name == condition or type_name in self.runtime(subgraph, condition)

    def is_named(self, type_name: str, names: Iterable[str]) -> bool:
        """Whether an object has one of these type names, or one of them stands for it."""
        return any(name == type_name or type_name in self.objects(name) for name in names)

    def is_abstract(self, type_name: str) -> bool:
        """Whether a type of the supergraph is an interface or a union."""
        return is_abstract_type(self.schema.type_map[type_name])

    def _find_objects(self, type_name: str) -> frozenset[str]:
        named = self.schema.type_map[type_name]
        if is_abstract_type(named):
            return frozenset(each.name for each in self.schema.get_possible_types(named))
        return frozenset((type_name,))

    def _find_runtime(self, subgraph: SubgraphView, type_name: str) -> frozenset[str]:
        view = subgraph.types.get(type_name)
        if view is None:
            return frozenset()
        if view.interface_object:
            return self.objects(type_name)
        return frozenset(subgraph.runtime_types.get(type_name, (type_name,)))

    def _find_view(self, subgraph: SubgraphView, type_name: str) -> TypeView | None:
        own = subgraph.types.get(type_name)
        if own is not None:
            return own
        for view in subgraph.types.values():
            if view.interface_object and type_name in self.objects(view.name):
                return view
        return None

    def _find_targets(self, type_name: str, name: str) -> frozenset[str]:
        found: frozenset[str] | None = None
        for subgraph in self.subgraphs.values():
            child = self._resolved_field(subgraph, type_name, name)
            if child is not None:
                known = self.runtime(subgraph, base_name(child.type))
                found = known if found is None else found & known
        return found if found is not None else self._declared(type_name, name)

    def _resolved_field(self, subgraph: SubgraphView, type_name: str, name: str) -> FieldView | None:
        view = self.view(subgraph, type_name)
        child = view.fields.get(name) if view else None
        return None if child is None or child.external else child

    def _declared(self, type_name: str, name: str) -> frozenset[str]:
        fields = getattr(self.schema.type_map[type_name], "fields", {})
        return self.objects(get_named_type(fields[name].type).name) if name in fields else frozenset()


Question = TypeVar("Question")


def _once(known: dict[Question, Answer], question: Question, find: Callable[[], Answer]) -> Answer:
    if question not in known:
        known[question] = find()
    return known[question]
