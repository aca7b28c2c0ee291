"""A plan under one truth of its conditions, ready to run without interpreting.

layout, structs, source ──▶ CompiledPlan ──▶ CompiledRun
                            ▲ you are here
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import msgspec

from router.executor.codec import encode_json
from router.executor.compiled.layout import LaidOutFetch, Part, lay_out
from router.executor.compiled.source import (
    Assign,
    Collect,
    Finish,
    compile_assign,
    compile_collect,
    compile_finish,
)
from router.executor.compiled.structs import StructTypes
from router.executor.program import CompiledFetch, Program


class Answer(Protocol):
    """A response of a subgraph; with errors it is not decoded at all."""

    data: object


Decode = Callable[[bytes], Answer]


@dataclass(frozen=True, slots=True, eq=False)
class EntityCode:
    """One ``_entities`` field of a fetch.

    Attributes:
        head: What stands before its representations in the request.
        attribute: Of the decoded data.
        assign: For each path, which of the fetch's decoders reads its entities, and what is done with them.
    """

    head: bytes
    attribute: str
    collect: Collect
    assign: tuple[tuple[int, Assign], ...]


@dataclass(frozen=True, slots=True, eq=False)
class FetchCode:
    """One fetch.

    Attributes:
        decode: One for a root fetch; for an entity fetch as many as its paths need different objects.
        slots: Of a root fetch: the attribute of its data and that of the root for each field.
    """

    compiled: CompiledFetch
    decode: tuple[Decode, ...]
    slots: tuple[tuple[str, str], ...]
    calls: tuple[EntityCode, ...]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class CompiledPlan:
    """All of a plan.

    Attributes:
        fetches: ``None`` for a fetch that is not made.
        root: Makes the response's root.
        needs: For each fetch how many others it waits for.
        first: Those that wait for none.
    """

    program: Program
    fetches: tuple[FetchCode | None, ...]
    root: Callable[[], msgspec.Struct]
    finish: Finish | None
    needs: tuple[int, ...]
    first: tuple[int, ...]


def compile_plan(program: Program, bits: int) -> CompiledPlan:
    """Compile ``program``; raises ``NotCompilableError`` if the interpreter has to run it."""
    layout = lay_out(program, bits)
    types = StructTypes(strict_leaves=program.options.strict_leaves)
    fetches = tuple(None if fetch is None else _compile_fetch(fetch, types) for fetch in layout.fetches)
    needs = tuple(len(set(compiled.fetch.needs)) for compiled in program.fetches)
    return CompiledPlan(
        program=program,
        fetches=fetches,
        root=types.of_root(layout.root),
        finish=compile_finish(layout.root),
        needs=needs,
        first=tuple(fetch_id for fetch_id, count in enumerate(needs) if count == 0),
    )


def _compile_fetch(fetch: LaidOutFetch, types: StructTypes) -> FetchCode:
    if fetch.root is not None:
        decode = _decode(types.of_answer(types.of_entity(fetch.root)))
        slots = tuple((f"e{index}", slot.attribute) for index, slot in enumerate(fetch.root.slots))
        return FetchCode(fetch.compiled, (decode,), slots, ())
    readers: list[list[tuple[str, str, type[msgspec.Struct]]]] = []
    calls = []
    for number, (call, parts) in enumerate(zip(fetch.compiled.fetch.entities, fetch.calls, strict=True)):
        attribute = f"call{number}"
        variants = _variants(parts, types)
        for index, part in enumerate(_first_of_each(parts, variants)):
            if index == len(readers):
                readers.append([])
            readers[index].append((attribute, call.alias, types.of_entity(part)))
        assigns = tuple((variant, compile_assign(part)) for variant, part in zip(variants, parts, strict=True))
        head = encode_json(call.variable) + b":"
        calls.append(EntityCode(head, attribute, compile_collect(parts, call.templates), assigns))
    decoders = tuple(
        _decode(types.of_answer(types.of_entities(reader, is_whole=number == 0)))
        for number, reader in enumerate(readers)
    )
    return FetchCode(fetch.compiled, decoders, (), tuple(calls))


def _decode(answer: type[msgspec.Struct]) -> Decode:
    decode: Decode = msgspec.json.Decoder[Any](answer).decode
    return decode


def _variants(parts: tuple[Part, ...], types: StructTypes) -> list[int]:
    """For each part the number of its entity type: parts whose answers are decoded alike share one."""
    known: list[object] = []
    variants = []
    for part in parts:
        wanted = (part.place.type_name, [slot.key for slot in part.slots], types.of_part(part))
        if wanted not in known:
            known.append(wanted)
        variants.append(known.index(wanted))
    return variants


def _first_of_each(parts: tuple[Part, ...], variants: list[int]) -> list[Part]:
    return [parts[variants.index(variant)] for variant in range(len(set(variants)))]
