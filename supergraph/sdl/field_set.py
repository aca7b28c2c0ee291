"""Field sets, the argument of ``@key``, ``@requires`` and ``@provides``: text to an immutable tree.

Two sets are equal when they select the same, whatever the order and the white space: compare ``normal_form``.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from graphql import (
    FieldNode,
    FragmentSpreadNode,
    GraphQLError,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    ValueNode,
    parse,
)

from supergraph.sdl.values import normal_text


class FieldSetError(ValueError):
    """The text is not a selection set."""


@dataclass(frozen=True, slots=True, eq=False)
class Selected:
    """One field of a set, or one ``... on T`` (then ``name`` is empty and ``condition`` may be set).

    Attributes:
        children: The sub-selection; ``None`` if there is none.
    """

    name: str
    children: "tuple[Selected, ...] | None" = None
    condition: str | None = None
    alias: str | None = None
    arguments: tuple[tuple[str, ValueNode], ...] = ()
    directives: tuple[str, ...] = ()

    @property
    def is_fragment(self) -> bool:
        """Is it an inline fragment?"""
        return not self.name

    def with_children(self, children: "FieldSet") -> "Selected":
        """The same selection with another sub-selection."""
        return replace(self, children=children)


FieldSet = tuple[Selected, ...]


@lru_cache(maxsize=4096)  # a key is parsed by usage, validation and merge, and most keys are "id"
def parse_field_set(text: str) -> FieldSet:
    """Parse the text of a field set, braces optional; raises ``FieldSetError``."""
    body = text if text.strip().startswith("{") else "{" + text + "\n}"
    try:
        document = parse(body, no_location=True)
        operation = document.definitions[0]
        if len(document.definitions) != 1 or not isinstance(operation, OperationDefinitionNode):
            raise FieldSetError("it is not one selection set")
        return _read(operation.selection_set)
    except GraphQLError as error:
        raise FieldSetError(error.message) from error
    except RecursionError as error:
        raise FieldSetError("it is nested too deeply") from error


def _read(node: SelectionSetNode) -> FieldSet:
    if not node.selections:  # graphql-core's parser lets it pass
        raise FieldSetError("a selection cannot be empty")
    return tuple(map(_read_one, node.selections))


def _read_one(node: object) -> Selected:
    match node:
        case FieldNode():
            return Selected(
                node.name.value,
                _read(node.selection_set) if node.selection_set else None,
                alias=node.alias.value if node.alias else None,
                arguments=tuple((argument.name.value, argument.value) for argument in node.arguments or ()),
                directives=tuple(directive.name.value for directive in node.directives or ()),
            )
        case InlineFragmentNode():
            return Selected(
                "",
                _read(node.selection_set),
                condition=node.type_condition.name.value if node.type_condition else None,
                directives=tuple(directive.name.value for directive in node.directives or ()),
            )
        case FragmentSpreadNode():
            raise FieldSetError(f"the fragment {node.name.value} is not defined")
        case _:  # pragma: no cover - the grammar has no fourth kind
            raise FieldSetError("unknown selection")


def normal_form(selected: FieldSet) -> str:
    """A text that two sets share exactly when they select the same."""
    return " ".join(sorted({_normal_one(item) for item in selected}))


def _normal_one(item: Selected) -> str:
    head = f"... on {item.condition}" if item.is_fragment else item.name
    if item.arguments:
        head += "(" + ",".join(sorted(f"{name}:{normal_text(value)}" for name, value in item.arguments)) + ")"
    return head if item.children is None else head + "{" + normal_form(item.children) + "}"


def print_field_set(selected: FieldSet) -> str:
    """The text of a set, without outer braces."""
    return " ".join(map(_print_one, selected))


def _print_one(item: Selected) -> str:
    head = item.name
    if item.is_fragment:
        head = f"... on {item.condition}" if item.condition else "..."
    if item.arguments:
        head += "(" + ", ".join(f"{name}: {normal_text(value)}" for name, value in item.arguments) + ")"
    return head if item.children is None else f"{head} {{ {print_field_set(item.children)} }}"


def walk(selected: FieldSet) -> Iterator[Selected]:
    """Every selection of a set, parents before children."""
    stack = list(reversed(selected))
    while stack:
        item = stack.pop()
        yield item
        stack += reversed(item.children or ())
