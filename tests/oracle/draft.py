"""Subgraphs in the making: mutable, and printed as SDL at the end."""

from dataclasses import dataclass, field

from tests.oracle.pieces import SubgraphSource, with_link


@dataclass(slots=True)
class DraftField:
    """A field with its directives as text."""

    name: str
    type: str
    arguments: str = ""
    directives: list[str] = field(default_factory=list)

    def has(self, directive: str) -> bool:
        """Whether ``directive`` (with its ``@``) is on the field."""
        return any(each.split("(")[0] == directive for each in self.directives)

    def add(self, directive: str) -> None:
        """Put a directive on the field, once."""
        if directive not in self.directives:
            self.directives.append(directive)

    def __str__(self) -> str:
        arguments = f"({self.arguments})" if self.arguments else ""
        return " ".join([f"{self.name}{arguments}: {self.type}", *self.directives])


@dataclass(slots=True)
class DraftPiece:
    """A type of one subgraph; ``keys`` maps a field set to whether it is resolvable."""

    name: str
    kind: str = "object"
    keys: dict[str, bool] = field(default_factory=dict)
    fields: dict[str, DraftField] = field(default_factory=dict)
    interfaces: list[str] = field(default_factory=list)
    members: list[str] = field(default_factory=list)
    interface_object: bool = False
    contexts: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        if self.kind == "union":
            return f"union {self.name} = {' | '.join(self.members)}"
        if self.kind == "scalar":
            return f"scalar {self.name}"
        if self.kind in {"enum", "input"}:
            return f"{self.kind} {self.name} {{ {' '.join(self.members)} }}"
        keyword = "interface" if self.kind == "interface" else "type"
        implements = f" implements {' & '.join(self.interfaces)}" if self.interfaces else ""
        keys = "".join(
            f' @key(fields: "{key}"{"" if resolvable else ", resolvable: false"})'
            for key, resolvable in self.keys.items()
        )
        stand_in = " @interfaceObject" if self.interface_object else ""
        contexts = "".join(f' @context(name: "{context}")' for context in self.contexts)
        body = "\n".join(f"  {child}" for child in self.fields.values())
        return f"{keyword} {self.name}{implements}{keys}{stand_in}{contexts} {{\n{body}\n}}"


@dataclass(slots=True)
class DraftSubgraph:
    """All pieces of one subgraph."""

    name: str
    pieces: dict[str, DraftPiece] = field(default_factory=dict)

    def source(self) -> SubgraphSource:
        """The subgraph as text."""
        printed = [
            str(piece) for piece in self.pieces.values() if piece.fields or piece.members or piece.kind == "scalar"
        ]
        return SubgraphSource(self.name, with_link("\n\n".join(printed) + "\n"))
