"""A plan under one truth of its conditions, ready to run without interpreting.

layout, structs, source ──▶ CompiledPlan ──▶ CompiledRun
                            ▲ you are here
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Protocol

import msgspec

from router.executor.codec import encode_json
from router.executor.compiled.collecting import Collect, Find, write_collect, write_find
from router.executor.compiled.filling import Assign, Finish, assign_lines, write_assign, write_finish
from router.executor.compiled.layout import lay_out
from router.executor.compiled.places import LaidOutCall, LaidOutFetch, Layout, Part, Target
from router.executor.compiled.reuse import find_reuse
from router.executor.compiled.source import Functions, Source
from router.executor.compiled.structs import EntityType, StructType, StructTypes
from router.executor.outcome import FetchRequest
from router.executor.program import CompiledFetch, Program
from router.executor.readiness import Order, order_of


class Answer(Protocol):
    """A response of a subgraph; with errors it is not decoded at all."""

    data: object


Decode = Callable[[bytes], Answer]

Assigns = tuple[tuple[int, Assign], ...]
"""For each group of objects: which of the fetch's decoders reads their entities, and what is done with them."""


@dataclass(frozen=True, slots=True, eq=False)
class EntityCode:
    """One ``_entities`` field of a fetch.

    Attributes:
        head: What stands before its representations in the request.
        attribute: Of the decoded data.
    """

    head: bytes
    attribute: str
    collect: Collect
    assigns: Assigns


@dataclass(frozen=True, slots=True, eq=False)
class RootCode:
    """The data of a root fetch; ``find`` is ``None`` where it goes into the response's root."""

    find: Find | None
    assigns: Assigns


@dataclass(frozen=True, slots=True, eq=False)
class FetchCode:
    """One fetch; it has ``calls`` or a ``root``.

    Attributes:
        request: Where it is always the same.
        decode: More than one where paths need the same answer as different objects.
    """

    compiled: CompiledFetch
    request: FetchRequest | None
    decode: tuple[Decode, ...]
    root: RootCode | None
    calls: tuple[EntityCode, ...]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class CompiledPlan:
    """All of a plan.

    Attributes:
        fetches: ``None`` for a fetch that is not made.
        root: Makes the response's root.
        kept: How many lists of objects are kept for later fetches.
    """

    program: Program
    order: Order
    fetches: tuple[FetchCode | None, ...]
    root: Callable[[], msgspec.Struct]
    kept: int
    finish: Finish | None


def compile_plan(program: Program, bits: int) -> CompiledPlan:
    """Compile ``program``; raises ``NotCompilableError`` if the interpreter has to run it."""
    return _Compiler(program, lay_out(program, bits)).compile()


Link = Callable[[Functions], FetchCode]
"""Puts a fetch together, when its functions are compiled: all functions of a plan are compiled at once."""


class _Compiler:
    def __init__(self, program: Program, layout: Layout) -> None:
        self._program = program
        self._layout = layout
        self._types = StructTypes(strict_leaves=program.options.strict_leaves)
        self._source = Source(self._types)
        self._reuse = find_reuse(layout.fetches)

    def compile(self) -> CompiledPlan:
        links = [None if fetch is None else self._fetch(fetch) for fetch in self._layout.fetches]
        finish = write_finish(self._source, self._layout.root)
        functions = self._source.compile()
        return CompiledPlan(
            program=self._program,
            order=order_of(self._program.fetches),
            fetches=tuple(None if link is None else link(functions) for link in links),
            root=self._types.of_root(self._layout.root),
            kept=len(self._reuse.kept),
            finish=functions[finish] if finish is not None else None,
        )

    def _fetch(self, fetch: LaidOutFetch) -> Link:
        return self._entity_fetch(fetch) if fetch.root is None else self._root_fetch(fetch, fetch.root)

    def _root_fetch(self, fetch: LaidOutFetch, target: Target) -> Link:
        entity = self._types.of_entity(target, target.parts)
        groups = _Groups(self._source, [(target, 0, entity)])
        find = None
        if target.path:
            find = write_find(self._source, self._layout.root, target, groups.number, len(groups.assigns))
        decode = (self._decode(entity.struct),)
        compiled, request = fetch.compiled, None
        if not compiled.variables and not target.path:
            request = FetchRequest(compiled.fetch, compiled.prefix + b"}}")

        def link(functions: Functions) -> FetchCode:
            root = RootCode(None if find is None else functions[find], groups.link(functions))
            return FetchCode(fetch.compiled, request, decode, root, ())

        return link

    def _entity_fetch(self, fetch: LaidOutFetch) -> Link:
        calls = []
        readers: list[list[tuple[str, str, StructType]]] = []
        for number, call in enumerate(fetch.calls):
            attribute = f"call{number}"
            groups, structs = self._groups(call)
            for index, struct in enumerate(structs):
                if index == len(readers):
                    readers.append([])
                readers[index].append((attribute, call.call.alias, struct))
            count = len(groups.assigns)
            collect = write_collect(self._source, self._layout.root, call, groups.number, count, reuse=self._reuse)
            calls.append((encode_json(call.call.variable) + b":", attribute, collect, groups))
        decode = tuple(
            self._decode(self._types.of_data(reader, is_whole=index == 0)) for index, reader in enumerate(readers)
        )

        def link(functions: Functions) -> FetchCode:
            linked = tuple(
                EntityCode(head, attribute, functions[collect], groups.link(functions))
                for head, attribute, collect, groups in calls
            )
            return FetchCode(fetch.compiled, None, decode, None, linked)

        return link

    def _decode(self, data: StructType) -> Decode:
        decode: Decode = msgspec.json.Decoder[Any](self._types.of_answer(data)).decode
        return decode

    def _groups(self, call: LaidOutCall) -> tuple["_Groups", list[StructType]]:
        """The groups of a call's objects, with the types of what the fetch's decoders read for it.

        Paths share what is decoded if nothing is going to be put into it; else each needs objects of its own.
        """
        all_parts = [part for target in call.targets for part in target.parts]
        read: list[tuple[StructType, bool]] = []
        entities = []
        for target in call.targets:
            entity = self._types.of_entity(target, all_parts)
            is_final = all(inner.is_final() for part in target.parts for slot in part.slots for inner in slot.places)
            known = (entity.struct, is_final)
            if not is_final or known not in read:
                read.append(known)
            entities.append((target, len(read) - 1 if not is_final else read.index(known), entity))
        return _Groups(self._source, entities), [struct for struct, _ in read]


class _Groups:
    """The objects that one answer is for, in groups that are treated alike."""

    def __init__(self, source: Source, entities: Iterable[tuple[Target, int, EntityType]]) -> None:
        listed = list(entities)
        names = {part.place.type_name for target, _, _ in listed for part in target.parts}
        self._numbers: dict[Part, int] = {}
        self.assigns: list[tuple[int, str]] = []
        for target, reader, entity in listed:
            numbers: dict[tuple[str, ...], int] = {}
            for part in target.parts:
                lines = assign_lines(source, part, entity, several_types=len(names) > 1)
                known = tuple(lines)
                if known not in numbers:
                    numbers[known] = len(self.assigns)
                    self.assigns.append((reader, write_assign(source, lines)))
                self._numbers[part] = numbers[known]

    def number(self, part: Part) -> int:
        """The group that the objects of ``part`` belong to."""
        return self._numbers[part]

    def link(self, functions: Functions) -> Assigns:
        """What is done with the answers, for each group."""
        return tuple((reader, functions[name]) for reader, name in self.assigns)
