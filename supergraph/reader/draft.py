"""A subgraph's view while it is being read: the same shape as ``supergraph.views``, still mutable."""

from dataclasses import dataclass, field

from supergraph.sdl.types import base_name
from supergraph.views import FieldView, KeyView, SubgraphView, TypeView


@dataclass(slots=True, kw_only=True)
class TypeDraft:
    """A type as one subgraph has it, see ``TypeView``."""

    name: str
    kind: str
    keys: list[KeyView] = field(default_factory=list)
    interface_object: bool = False
    fields: dict[str, FieldView] = field(default_factory=dict)
    interfaces: tuple[str, ...] = ()
    members: tuple[str, ...] = ()
    values: tuple[str, ...] = ()
    contexts: tuple[str, ...] = ()


@dataclass(slots=True, kw_only=True)
class GraphDraft:
    """A subgraph, see ``SubgraphView``."""

    name: str
    enum_name: str
    url: str
    types: dict[str, TypeDraft] = field(default_factory=dict)

    def runtime_types(self) -> dict[str, tuple[str, ...]]:
        """The object types behind each interface and union here, in document order."""
        found: dict[str, list[str]] = {
            draft.name: [member for member in draft.members if member in self.types]
            for draft in self.types.values()
            if draft.kind in ("interface", "union")
        }
        for draft in self.types.values():
            if draft.kind != "object" or draft.interface_object:
                continue
            for interface in draft.interfaces:
                if interface in found:
                    found[interface].append(draft.name)
        return {name: tuple(types) for name, types in found.items()}

    def drop_idle_types(self) -> None:
        """Remove object types without fields that nothing here returns.

        They are what is left of a type whose fields were all overridden, and of ``Query`` where a subgraph adds
        entities only.
        """
        kept = {base_name(view.type) for draft in self.types.values() for view in draft.fields.values()}
        kept.update(member for draft in self.types.values() for member in draft.members)
        for draft in list(self.types.values()):
            if draft.kind == "object" and not draft.fields and draft.name not in kept:
                del self.types[draft.name]

    def seal(self) -> SubgraphView:
        """The finished view."""
        types = {
            draft.name: TypeView(
                name=draft.name,
                kind=draft.kind,
                keys=tuple(draft.keys),
                interface_object=draft.interface_object,
                fields=draft.fields,
                interfaces=draft.interfaces,
                members=draft.members,
                values=draft.values,
                contexts=draft.contexts,
            )
            for draft in self.types.values()
        }
        return SubgraphView(
            name=self.name, enum_name=self.enum_name, url=self.url, types=types, runtime_types=self.runtime_types()
        )
