"""Which external fields a node may read because an ancestor field has ``@provides``.

A ``Provided`` is an immutable tree over field names. The empty one stands at nearly all nodes.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from supergraph.operation.model import Field, SelectionSet


@dataclass(frozen=True, slots=True)
class Provided:
    """External fields that are readable here, and below them.

    Attributes:
        fields: Pairs of field name and what is provided below it, sorted by name.
        casts: Pairs of object type and what is provided only on objects of that type, sorted by type.
    """

    fields: "tuple[tuple[str, Provided], ...]" = ()
    casts: "tuple[tuple[str, Provided], ...]" = ()

    def below(self, name: str) -> "Provided | None":
        """What is provided below field ``name``; ``None`` if the field itself is not provided."""
        for field_name, provided in self.fields:
            if field_name == name:
                return provided
        return None

    def on(self, type_name: str) -> "Provided":
        """What is provided on an object of ``type_name``: the unconditional part and that type's own."""
        for cast_type, provided in self.casts:
            if cast_type == type_name:
                return merge_provided(Provided(fields=self.fields), provided)
        return Provided(fields=self.fields) if self.casts else self


NOTHING_PROVIDED = Provided()


def provided_by(selection: SelectionSet) -> Provided:
    """The tree that a ``@provides`` field set stands for."""
    fields: dict[str, Provided] = {}
    casts: dict[str, Provided] = {}
    for unit in selection.units:
        if isinstance(unit, Field):
            below = provided_by(unit.selection) if unit.selection else NOTHING_PROVIDED
            fields[unit.name] = merge_provided(fields.get(unit.name, NOTHING_PROVIDED), below)
        else:
            below = provided_by(unit.selection)
            casts[unit.type] = merge_provided(casts.get(unit.type, NOTHING_PROVIDED), below)
    return Provided(tuple(sorted(fields.items())), tuple(sorted(casts.items())))


def merge_provided(left: Provided, right: Provided) -> Provided:
    """Everything that either tree provides."""
    if not left.fields and not left.casts:
        return right
    if not right.fields and not right.casts:
        return left
    return Provided(_merge_pairs(left.fields, right.fields), _merge_pairs(left.casts, right.casts))


def _merge_pairs(
    left: Iterable[tuple[str, Provided]], right: Iterable[tuple[str, Provided]]
) -> tuple[tuple[str, Provided], ...]:
    merged: Mapping[str, Provided] = dict(left)
    return tuple(
        sorted(
            {
                **merged,
                **{
                    name: merge_provided(merged[name], provided) if name in merged else provided
                    for name, provided in right
                },
            }.items()
        )
    )
