"""Fields that several types behind one position are asked in the same words, and that are written once for all.

Where a field of an interface is asked type by type, most types answer it in the same way, with equal decisions below.
Writing these anew for each type, at each level, would take a power of the depth. So the first type writes what is below
the field, at a path that leads through the objects of all these types, and the others select the same.
"""

from collections.abc import Iterable

from supergraph.operation.model import Field
from supergraph.planner.decisions import CastChoice, Choice, FieldChoice, Solution
from supergraph.planner.drafts import Draft, DraftSelection
from supergraph.query_graph import Node

Decision = tuple[Field, Solution, tuple[Node, ...]]
"""A field, what was decided below it, and the nodes that it is reached in: equal ones are written alike."""

Writing = tuple[Draft, str, Node, object]
"""A request, a store key in it, the node reached there, and for what purpose it is written."""


class Alike:
    """The fields that types behind one position share; there is one such object for each time it is written."""

    def __init__(self, choices: Iterable[Choice]) -> None:
        self._types: dict[Decision, list[str]] = {}
        self._written: dict[tuple[Decision, Writing], DraftSelection] = {}
        for choice in choices:
            if isinstance(choice, CastChoice) and not choice.unit.conditions:
                for inner in choice.child.choices:
                    if isinstance(inner, FieldChoice):
                        self._types.setdefault(_decision(inner), []).append(choice.unit.type)

    def types(self, choice: FieldChoice) -> tuple[str, ...]:
        """The types that are asked the field like this; none if there is only one."""
        types = self._types.get(_decision(choice), ())
        return tuple(types) if len(types) > 1 else ()

    def written(self, choice: FieldChoice, writing: Writing) -> DraftSelection | None:
        """What another type has written below the field, at the same place of the same request."""
        return self._written.get((_decision(choice), writing))

    def note(self, choice: FieldChoice, writing: Writing, below: DraftSelection) -> None:
        """Remember what was written below the field."""
        self._written[_decision(choice), writing] = below


def _decision(choice: FieldChoice) -> Decision:
    return choice.unit, choice.child, tuple(choice.parents)
