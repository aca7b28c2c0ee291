"""The tree of a plan with deferred parts: what is delivered first, and each part with what it depends on.

Like every tree of a plan it is there to be shown; the executor goes by ``Fetch.block``.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from supergraph.operation.model import Block, Cast, Field, Operation, SelectionSet, Unit
from supergraph.operation.text import print_selection
from supergraph.plan.nodes import DeferNode, DeferredPart, Fetch, Path, PlanNode, Step
from supergraph.planner.tree import build_tree
from supergraph.sdl.types import list_depth


def build_defer_tree(operation: Operation, fetches: Sequence[Fetch]) -> PlanNode:
    """The tree of all fetches of an operation that has deferred parts."""
    found: dict[int, tuple[Path, list[Unit]]] = {}
    for block, path, selection in _parts(operation.selection, ()):
        found.setdefault(block.id, (path, []))[1].extend(_told(selection))
    tree = _DeferTree(operation.blocks, fetches, found)
    return tree.node(None, _text(operation.selection.type, _told(operation.selection)))


class _DeferTree:
    def __init__(
        self, blocks: Sequence[Block], fetches: Sequence[Fetch], found: dict[int, tuple[Path, list[Unit]]]
    ) -> None:
        self._inside: dict[int | None, list[Block]] = {}
        for block in blocks:
            self._inside.setdefault(block.parent, []).append(block)
        self._by_block: dict[int | None, list[Fetch]] = {}
        for fetch in fetches:
            self._by_block.setdefault(fetch.block, []).append(fetch)
        self._fetches = fetches
        self._found = found
        self._awaited = frozenset(
            need for fetch in fetches for need in fetch.needs if fetches[need].block != fetch.block
        )

    def node(self, block: int | None, subselection: str) -> DeferNode:
        """A block with the parts inside; without a block, the operation."""
        parts = tuple(self._part(inner) for inner in self._inside.get(block, ()) if inner.id in self._found)
        return DeferNode(subselection=subselection, primary=self._own(block), deferred=parts)

    def _own(self, block: int | None) -> PlanNode | None:
        return build_tree(self._by_block.get(block, ()), self._awaited)

    def _part(self, block: Block) -> DeferredPart:
        path, units = self._found[block.id]
        own = self._by_block.get(block.id, ())
        outside = {need for fetch in own for need in fetch.needs if self._fetches[need].block != block.id}
        subselection = _text("", units)
        node: PlanNode | None = self._own(block.id)
        if block.id in self._inside:
            node, subselection = self.node(block.id, subselection), ""
        return DeferredPart(
            depends=tuple(sorted(outside)), label=block.label, path=path, subselection=subselection, node=node
        )


def _parts(selection: SelectionSet, path: Path) -> Iterator[tuple[Block, Path, SelectionSet]]:
    for unit in selection.units:
        if unit.selection is not None:
            yield from _parts(unit.selection, path if isinstance(unit, Cast) else (*path, *_steps(unit)))
    for part in selection.deferred:
        yield part.block, path, part.selection
        yield from _parts(part.selection, path)


def _steps(field: Field) -> Path:
    return (Step(field.response_key), *[Step(None)] * list_depth(field.type))


def _told(selection: SelectionSet) -> list[Unit]:
    """What a selection delivers with itself."""
    units: list[Unit] = []
    for unit in selection.units:
        if isinstance(unit, Field) and unit.selection is None:
            if not unit.hidden:
                units.append(unit)
        elif unit.selection is not None and (inner := _told(unit.selection)):
            units.append(replace(unit, selection=SelectionSet(unit.selection.type, tuple(inner))))
    return units


def _text(type_name: str, units: Sequence[Unit]) -> str:
    return print_selection(SelectionSet(type_name, tuple(units))) if units else ""
