"""Validation by the rules of graphql-core, driven in fewer steps.

    document ──▶ parse ──▶ choose ──▶ validate ──▶ normalise ──▶ Operation
                                      ▲ you are here

graphql-core offers every node to every rule. Here a node is offered to the rules that look at its kind, names are not
visited, and variables are searched for only where the text, if there is one, has a dollar sign: a third of the time for
a document like those that clients send. The rules are the same, but for the one that compares every field with every
other one, which ``overlap`` replaces. What they find is not told from here: a document that this refuses, for whatever
reason, is validated again by graphql-core, whose errors are told. Only what conflicts in a large document is told by
``overlap``.
"""

from collections.abc import Callable
from functools import cache
from typing import NoReturn

from graphql import (
    ASTValidationRule,
    DocumentNode,
    FieldNode,
    GraphQLError,
    GraphQLSchema,
    Node,
    TypeInfo,
    ValidationContext,
    VariableNode,
    Visitor,
    specified_rules,
    validate,
)
from graphql.language.ast import QUERY_DOCUMENT_KEYS
from graphql.language.visitor import EnterLeaveVisitor, VisitorActionEnum
from graphql.pyutils import RefMap
from graphql.validation import OverlappingFieldsCanBeMergedRule, StreamDirectiveOnListField
from graphql.validation.validation_context import NodeWithSelectionSet, VariableUsage

from supergraph.errors import OperationError
from supergraph.operation.expansion import count_fields, nests_beyond
from supergraph.operation.overlap import OverlapEffortError, find_conflict
from supergraph.operation.visiting import visit_once

RULES: tuple[type[ASTValidationRule], ...] = tuple(
    rule for rule in specified_rules if rule is not StreamDirectiveOnListField
)
"""The rules of the specification. The gateway does not stream, so a ``@stream`` is one of the subgraphs' own, whose
meaning and places are theirs to define."""

_DRIVEN_RULES = tuple(rule for rule in RULES if rule is not OverlappingFieldsCanBeMergedRule)

_MAX_COMPARED = 400
"""Up to how many fields graphql-core is let to compare any two, to tell all that conflict."""

_KEYS = {
    kind: tuple(key for key in keys if key not in ("name", "alias", "description"))
    for kind, keys in QUERY_DOCUMENT_KEYS.items()
}

_Method = Callable[..., VisitorActionEnum | None]

_SKIPS = (VisitorActionEnum.SKIP, False)

_MAX_NESTING = 200
"""graphql-core refuses fragments that nest more selection sets in one another."""

_ABORTED = "Validation aborted."
"""What graphql-core says when it gives up."""


def validate_operations(schema: GraphQLSchema, document: DocumentNode) -> None:
    """Validate the whole document.

    Raises:
        OperationError: ``GRAPHQL_VALIDATION_FAILED`` with every error, or ``QUERY_PLAN_COMPLEXITY_EXCEEDED`` if it took
            too much to find out whether there are any.
    """
    try:
        errors = [] if is_accepted(schema, document) else _find_errors(schema, document)
    except OverlapEffortError as error:
        raise _too_complex(document) from error
    if errors and all(error.message == _ABORTED for error in errors):
        raise _too_complex(document)
    if errors:
        raise OperationError("GRAPHQL_VALIDATION_FAILED", errors)


def is_accepted(schema: GraphQLSchema, document: DocumentNode) -> bool:
    """Whether no rule finds anything. A document that is valid may be refused.

    Raises:
        OverlapEffortError: Nothing else is wrong, but it takes too much to see whether fields are in conflict.
    """
    if nests_beyond(_MAX_NESTING, document):
        return False
    types = TypeInfo(schema)
    context = _Context(schema, document, types)
    rules = _Rules(types, [rule(context) for rule in _DRIVEN_RULES])
    try:
        visit_once(document, rules, keys=_KEYS)
    except (_RefusedError, GraphQLError, RecursionError):
        return False
    return find_conflict(schema, document) is None


def _find_errors(schema: GraphQLSchema, document: DocumentNode) -> list[GraphQLError]:
    """What graphql-core tells; of conflicts in a large document the first that we find ourselves."""
    if count_fields(document) <= _MAX_COMPARED:
        return validate(schema, document, RULES)
    errors = validate(schema, document, _DRIVEN_RULES)
    conflict = None if errors else find_conflict(schema, document)
    if conflict is None:
        return errors
    key = (conflict[0].alias or conflict[0].name).value
    cure = "Use different aliases on the fields to fetch both if this was intentional."
    return [GraphQLError(f"Fields '{key}' conflict: they differ in name, arguments or type. {cure}", list(conflict))]


def _too_complex(document: DocumentNode) -> OperationError:
    message = "The operation spreads and nests its fragments in too many ways to be validated."
    return OperationError("QUERY_PLAN_COMPLEXITY_EXCEEDED", [GraphQLError(message, document.definitions[0])])


class _RefusedError(Exception):
    """A rule has found something."""


def _refuse(_error: GraphQLError) -> NoReturn:
    raise _RefusedError


@cache
def _rules_of(kind: str, event: str) -> tuple[tuple[int, str], ...]:
    """The numbers of the rules that look at nodes of ``kind``, each with the name of its method."""
    found = []
    for number, rule in enumerate(_DRIVEN_RULES):
        for name in (f"{event}_{kind}", event):
            if hasattr(rule, name):
                found.append((number, name))
                break
    return tuple(found)


class _Rules(Visitor):
    """Runs all rules side by side; none of them edits the document or ends the visit."""

    def __init__(self, types: TypeInfo, rules: list[ASTValidationRule]) -> None:
        super().__init__()
        self._types = types
        self._rules = rules
        self._skipping = [False] * len(rules)
        self._skipped_at: dict[int, list[int]] = {}

    def get_enter_leave_for_kind(self, kind: str) -> EnterLeaveVisitor:
        known = self.enter_leave_map.get(kind)
        if known is None:
            known = EnterLeaveVisitor(self._entering(kind), self._leaving(kind))
            self.enter_leave_map[kind] = known
        return known

    def _methods(self, kind: str, event: str) -> list[tuple[int, _Method]]:
        return [(number, getattr(self._rules[number], name)) for number, name in _rules_of(kind, event)]

    def _entering(self, kind: str) -> _Method:
        enter_type: Callable[[Node], None] | None = getattr(self._types, f"enter_{kind}", None)
        skipping, skipped_at, methods = self._skipping, self._skipped_at, self._methods(kind, "enter")

        def enter(node: Node, *place: object) -> None:
            if enter_type is not None:
                enter_type(node)
            for number, method in methods:
                if not skipping[number] and (action := method(node, *place)) is not None:
                    assert action in _SKIPS, "no rule ends the visit or edits the document"
                    skipping[number] = True
                    skipped_at.setdefault(id(node), []).append(number)

        return enter

    def _leaving(self, kind: str) -> _Method:
        leave_type: Callable[[], None] | None = getattr(self._types, f"leave_{kind}", None)
        skipping, skipped_at, methods = self._skipping, self._skipped_at, self._methods(kind, "leave")

        def leave(node: Node, *place: object) -> None:
            for number, method in methods:
                if not skipping[number]:  # pragma: no branch - today no rule skips what it wants to leave
                    method(node, *place)
            for number in skipped_at.pop(id(node), ()):
                skipping[number] = False
            if leave_type is not None:
                leave_type()

        return leave


class _Context(ValidationContext):
    """Looks for variables only where there may be some, and tells nodes apart by identity: their hashes are deep."""

    def __init__(self, schema: GraphQLSchema, document: DocumentNode, types: TypeInfo) -> None:
        super().__init__(schema, document, types, _refuse)
        self._fragment_spreads = RefMap()  # type: ignore[assignment]  # a mapping, and used as one
        self._variable_usages = RefMap()  # type: ignore[assignment]
        self._recursive_variable_usages = RefMap()  # type: ignore[assignment]

    def get_variable_usages(self, node: NodeWithSelectionSet) -> list[VariableUsage]:
        """The variables in one definition, without those in the fragments that it spreads."""
        usages = self._variable_usages.get(node)
        if usages is None:
            visitor = _Usages(self._type_info, has_text=self.document.loc is not None)
            visit_once(node, visitor, types=self._type_info, keys=_KEYS)
            usages = self._variable_usages[node] = visitor.usages
        return usages


class _Usages(Visitor):
    def __init__(self, types: TypeInfo, *, has_text: bool) -> None:
        super().__init__()
        self._types = types
        self._has_text = has_text
        self.usages: list[VariableUsage] = []

    def enter_variable_definition(self, *_: object) -> VisitorActionEnum:
        return VisitorActionEnum.SKIP

    def enter_field(self, node: FieldNode, *_: object) -> VisitorActionEnum | None:
        place = node.loc if self._has_text else None
        if place is None:
            return None
        return VisitorActionEnum.SKIP if place.source.body.find("$", place.start, place.end) < 0 else None

    def enter_variable(self, node: VariableNode, *_: object) -> None:
        types = self._types
        usage = VariableUsage(
            node, types.get_input_type(), types.get_parent_input_type(), types.get_default_value(), None
        )
        self.usages.append(usage)
