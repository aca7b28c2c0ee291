"""Contracts: another API of the same supergraph, chosen by ``@tag``.

    Supergraph ──▶ apply_contract ──▶ Supergraph with a narrower API schema
               └─▶ contract_sdl ────▶ the same as a document that can be kept and read

A contract marks elements ``@inaccessible`` and leaves the rest to the rules of that directive, so what it hides stays
plannable. Exclusion beats inclusion. Where something is included by tags, only fields of objects and interfaces and
unions need one; arguments, inputs, enums and scalars stay unless they are excluded. A field has the tags of its type
besides its own.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from graphql import (
    ConstDirectiveNode,
    DirectiveDefinitionNode,
    DirectiveNode,
    EnumTypeDefinitionNode,
    FieldDefinitionNode,
    GraphQLSchema,
    InputObjectTypeDefinitionNode,
    InputValueDefinitionNode,
    InterfaceTypeDefinitionNode,
    NameNode,
    Node,
    ObjectTypeDefinitionNode,
    ScalarTypeDefinitionNode,
    SchemaExtensionNode,
    TypeDefinitionNode,
    UnionTypeDefinitionNode,
    parse,
)

from supergraph.api.schema import build_api_schema, build_request_schema
from supergraph.errors import SupergraphError
from supergraph.read import Supergraph
from supergraph.reader.document import AnyNode, SupergraphDocument, parse_document, string_argument, with_parts
from supergraph.reader.features import SPECS, Feature, Features
from supergraph.sdl.parse import schema_from_document
from supergraph.sdl.print import print_schema
from supergraph.sdl.types import base_name, type_from_node

_TAG_NAME = re.compile(r"[A-Za-z0-9_/-]{1,128}")

_INACCESSIBLE_URL = f"{SPECS}inaccessible/v0.2"
_INACCESSIBLE = """
directive @inaccessible on FIELD_DEFINITION | OBJECT | INTERFACE | UNION | ARGUMENT_DEFINITION | SCALAR | ENUM
  | ENUM_VALUE | INPUT_OBJECT | INPUT_FIELD_DEFINITION
"""

Output = ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    """Which part of a supergraph an API shows.

    Attributes:
        include: Tags of what is shown; empty shows everything that is not excluded.
        exclude: Tags of what is hidden.
        hide_unreachable: Also hide the types that no visible root field leads to.
    """

    include: frozenset[str] = frozenset()
    exclude: frozenset[str] = frozenset()
    hide_unreachable: bool = False


def apply_contract(supergraph: Supergraph, contract: Contract) -> Supergraph:
    """``supergraph`` with the API schema of ``contract``.

    Raises:
        SupergraphError: With a code of ``@inaccessible``, where a visible element would need a hidden one:
            ``REFERENCED_INACCESSIBLE`` names a type that needs a tag as well.
    """
    _, api_schema = _narrow(supergraph, contract)
    tags = (_list(contract.include), _list(contract.exclude), str(contract.hide_unreachable))
    description = "\0".join((supergraph.id, *tags))
    return replace(
        supergraph,
        id=hashlib.sha256(description.encode()).hexdigest(),
        api_schema=api_schema,
        request_schema=build_request_schema(supergraph.schema, api_schema),
    )


def contract_sdl(supergraph: Supergraph, contract: Contract) -> str:
    """The SDL of ``supergraph`` in which everything that ``contract`` hides is ``@inaccessible``.

    Raises:
        SupergraphError: As ``apply_contract`` does.
    """
    document, _ = _narrow(supergraph, contract)
    if supergraph.features.find("inaccessible") is None:
        document = _link_inaccessible(document, supergraph.features)
    return print_schema(schema_from_document(document.to_node()))


def is_tag_name(text: str) -> bool:
    """Whether ``text`` may be used as a tag: letters, digits, ``_``, ``-`` and ``/``, at most 128 of them."""
    return _TAG_NAME.fullmatch(text) is not None


def _narrow(supergraph: Supergraph, contract: Contract) -> tuple[SupergraphDocument, GraphQLSchema]:
    """The marked document, and the API schema of what is left."""
    document = parse_document(supergraph.sdl)
    features = _with_inaccessible(supergraph.features)
    marker = features.directive("inaccessible")
    assert marker is not None
    selector = _Selector(document, features, contract, marker)
    selector.select()
    marked = _mark(document, selector.hidden, marker)
    try:
        return marked, build_api_schema(marked, features)
    except SupergraphError as error:
        advice = "\n".join(dict.fromkeys(selector.advice()))
        raise SupergraphError(f"{error}\n{advice}".rstrip(), code=error.code) from error


@dataclass(frozen=True, slots=True)
class _Selector:
    """Decides what is hidden; ``hidden`` holds the identities of nodes, which live as long as the document."""

    document: SupergraphDocument
    features: Features
    contract: Contract
    marker: str
    hidden: set[int] = field(default_factory=set)

    def select(self) -> None:
        for node in self.types():
            self._select_type(node)
        for directive in self.document.directives.values():
            self._hide_excluded(directive.arguments or (), frozenset())
        self._hide_empty()
        if self.contract.hide_unreachable:
            reached = self._reach()
            self.hidden.update(id(node) for node in self.types() if node.name.value not in reached)

    def types(self) -> Iterator[TypeDefinitionNode]:
        for name, node in self.document.types.items():
            if self.features.owner_of_type(name) is None:
                yield node

    def is_hidden(self, node: Node) -> bool:
        if id(node) in self.hidden:
            return True
        directives = getattr(node, "directives", None) or ()
        return any(directive.name.value == self.marker for directive in directives)

    def tags(self, node: Node) -> frozenset[str]:
        """The tags that stand on ``node`` itself."""
        tag = self.features.directive("tag")
        directives = getattr(node, "directives", None) or ()
        found = (string_argument(directive, "name") for directive in directives if directive.name.value == tag)
        return frozenset(name for name in found if name is not None)

    def advice(self) -> Iterator[str]:
        """Which tags would help, for everything visible whose type the contract hides."""
        for node in self.types():
            if not isinstance(node, Output | InputObjectTypeDefinitionNode) or self.is_hidden(node):
                continue
            for part in node.fields or ():
                if self.is_hidden(part):
                    continue
                coordinate = f"{node.name.value}.{part.name.value}"
                yield from self._advice_on(coordinate, part)
                for argument in getattr(part, "arguments", None) or ():
                    if not self.is_hidden(argument):
                        yield from self._advice_on(f"{coordinate}({argument.name.value}:)", argument)
        query = self.document.types.get(self.document.roots.get("query", ""))
        if query is not None and id(query) in self.hidden:
            yield f"{query.name.value} must stay visible: {self._how_to_show(query)}."

    def _advice_on(self, coordinate: str, node: FieldDefinitionNode | InputValueDefinitionNode) -> Iterator[str]:
        name = base_name(type_from_node(node.type))
        hidden = self.document.types.get(name)
        if hidden is not None and id(hidden) in self.hidden:
            cure = self._how_to_show(hidden)
            yield f"{coordinate} is visible but its type {name} is hidden: {cure}, or hide {coordinate}."

    def _how_to_show(self, node: TypeDefinitionNode) -> str:
        """Which tag to add to a hidden type, or to take away."""
        name = node.name.value
        if excluding := self.tags(node) & self.contract.exclude:
            return f"{_tag_list(excluding, 'and')} on {name} excludes it, so remove that tag"
        if self.contract.include and not isinstance(node, ScalarTypeDefinitionNode | EnumTypeDefinitionNode):
            where = name if isinstance(node, UnionTypeDefinitionNode) else f"{name} or to one of its fields"
            return f"add {_tag_list(self.contract.include, 'or')} to {where}"
        return f"all parts of {name} are hidden, so remove {_tag_list(self.contract.exclude, 'or')} from one of them"

    def _select_type(self, node: TypeDefinitionNode) -> None:
        tags = self.tags(node)
        if tags & self.contract.exclude:
            self.hidden.add(id(node))
        match node:
            case ObjectTypeDefinitionNode(fields=fields) | InterfaceTypeDefinitionNode(fields=fields):
                self._select_fields(fields or (), tags)
            case UnionTypeDefinitionNode():
                if self.contract.include and not tags & self.contract.include:
                    self.hidden.add(id(node))
            case EnumTypeDefinitionNode(values=values):
                self._hide_excluded(values or (), frozenset())
            case InputObjectTypeDefinitionNode(fields=inputs):
                self._hide_excluded(inputs or (), frozenset())
            case _:  # a scalar has no parts
                pass

    def _select_fields(self, fields: Iterable[FieldDefinitionNode], type_tags: frozenset[str]) -> None:
        for node in fields:
            if self.contract.include and not (self.tags(node) | type_tags) & self.contract.include:
                self.hidden.add(id(node))
            self._hide_excluded(node.arguments or (), frozenset())
        self._hide_excluded(fields, type_tags)

    def _hide_excluded(self, nodes: Iterable[Node], inherited: frozenset[str]) -> None:
        self.hidden.update(id(node) for node in nodes if (self.tags(node) | inherited) & self.contract.exclude)

    def _hide_empty(self) -> None:
        """Hide the types of which nothing is left, until that leaves nothing else empty."""
        changed = True
        while changed:
            empty = [node for node in self.types() if not self.is_hidden(node) and self._is_empty(node)]
            self.hidden.update(map(id, empty))
            changed = bool(empty)

    def _is_empty(self, node: TypeDefinitionNode) -> bool:
        children: Iterable[Node]
        match node:
            case ScalarTypeDefinitionNode():
                return False
            case UnionTypeDefinitionNode(types=members):
                children = [self.document.types[member.name.value] for member in members or ()]
            case EnumTypeDefinitionNode(values=values):
                children = values or ()
            case _:
                children = getattr(node, "fields", None) or ()
        return all(map(self.is_hidden, children))

    def _reach(self) -> set[str]:
        """The types that visible root fields and directives lead to."""
        implementations = self._implementations()
        waiting = list(self.document.roots.values())
        for directive in self.document.directives.values():
            waiting.extend(self._visible_types(directive.arguments or ()))
        reached: set[str] = set()
        while waiting:
            name = waiting.pop()
            node = self.document.types.get(name)
            if name in reached or node is None or self.is_hidden(node):
                continue
            reached.add(name)
            waiting.extend(self._neighbours(node))
            waiting.extend(implementations.get(name, ()))
        return reached

    def _implementations(self) -> Mapping[str, list[str]]:
        found: dict[str, list[str]] = {}
        for node in self.types():
            if isinstance(node, Output):
                for interface in node.interfaces or ():
                    found.setdefault(interface.name.value, []).append(node.name.value)
        return found

    def _neighbours(self, node: TypeDefinitionNode) -> Iterator[str]:
        match node:
            case ObjectTypeDefinitionNode(fields=fields) | InterfaceTypeDefinitionNode(fields=fields):
                yield from self._visible_types(fields or ())
                for output in fields or ():
                    yield from self._visible_types(() if self.is_hidden(output) else output.arguments or ())
            case InputObjectTypeDefinitionNode(fields=inputs):
                yield from self._visible_types(inputs or ())
            case UnionTypeDefinitionNode(types=members):
                yield from (member.name.value for member in members or ())
            case _:
                pass

    def _visible_types(self, nodes: Iterable[FieldDefinitionNode | InputValueDefinitionNode]) -> Iterator[str]:
        return (base_name(type_from_node(node.type)) for node in nodes if not self.is_hidden(node))


def _with_inaccessible(features: Features) -> Features:
    """``features`` and ``@inaccessible``, which a contract uses whether the document links it or not."""
    if features.find("inaccessible") is not None:
        return features
    name = "inaccessible"
    feature = Feature(identity=SPECS + name, name=name, version=(0, 2), local_name=name, purpose="SECURITY")
    return Features(all=(*features.all, feature))


def _link_inaccessible(document: SupergraphDocument, features: Features) -> SupergraphDocument:
    """``document`` with the link to, and the definition of, ``@inaccessible``."""
    linker = features.find("link") or features.find("core")
    assert linker is not None  # a document without it is no supergraph, and was not read as one
    argument = "url" if linker.name == "link" else "feature"
    link = f'extend schema @{linker.directive(linker.name)}({argument}: "{_INACCESSIBLE_URL}", for: SECURITY)'
    extension, definition = parse(f"{link} {_INACCESSIBLE}", no_location=True).definitions
    assert isinstance(extension, SchemaExtensionNode)
    assert isinstance(definition, DirectiveDefinitionNode)
    directives = (*(document.schema.directives or ()), *(extension.directives or ()))
    return SupergraphDocument(
        schema=replace(document.schema, directives=directives),
        types=document.types,
        directives={**document.directives, "inaccessible": definition},
    )


def _mark(document: SupergraphDocument, hidden: set[int], marker: str) -> SupergraphDocument:
    directive = ConstDirectiveNode(name=NameNode(value=marker), arguments=())
    types = {name: _mark_node(node, hidden, directive) for name, node in document.types.items()}
    directives = {name: _mark_node(node, hidden, directive) for name, node in document.directives.items()}
    return SupergraphDocument(schema=document.schema, types=types, directives=directives)


def _mark_node(node: AnyNode, hidden: set[int], directive: ConstDirectiveNode) -> AnyNode:
    changes: dict[str, tuple[Node, ...]] = {}
    directives: tuple[DirectiveNode, ...] = getattr(node, "directives", None) or ()
    if id(node) in hidden and not any(applied.name.value == directive.name.value for applied in directives):
        changes["directives"] = (*directives, directive)
    for part in ("fields", "arguments", "values"):
        children: tuple[Node, ...] = getattr(node, part, None) or ()
        marked = tuple(_mark_node(child, hidden, directive) for child in children)
        if any(new is not old for new, old in zip(marked, children, strict=True)):
            changes[part] = marked
    return with_parts(node, changes) if changes else node


def _tag_list(names: Iterable[str], joint: str) -> str:
    return f" {joint} ".join(f'@tag(name: "{name}")' for name in sorted(names))


def _list(names: Iterable[str]) -> str:
    return ",".join(sorted(names))
