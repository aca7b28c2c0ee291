"""Python source under construction: loops over the objects at a place, and one module of functions.

    layout ──▶ source ◀── collecting, filling
               ▲ you are here

Code is put together as lists of lines. Names in it come from counters and from how deep a loop is nested; texts of
users appear as string constants only.
"""

import itertools
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any

import msgspec
import orjson

from router.executor.compiled.places import NotCompilableError, Place, Slot, places_at, step_into
from router.executor.compiled.structs import StructTypes
from router.executor.usual import GiveUpError
from supergraph.plan import Path

Lines = list[str]

Write = Callable[[str, Place], Lines]
"""The code for one object: the variable that holds it, and its place."""

Functions = Mapping[str, Callable[..., Any]]

ROOT = "v0"
"""The variable of the response's root."""


def represent_texts(texts: Collection[str], template: bytes) -> bytes:
    """A JSON list of the objects that ``template`` gives with each of ``texts`` in the place of the ``"%"`` at its end.

    The list of texts is encoded, and the rest is put between them: this takes a third of the time of making objects.
    """
    before = template.removesuffix(b'"%"}')
    listed = orjson.dumps(list(texts))
    # What stands between two texts is not found for certain if there are quotes in a text, or if one is a comma.
    if listed.count(b'","') != len(texts) - 1 or b'\\"' in listed or "," in texts:
        return b"[" + b",".join([before + orjson.dumps(text) + b"}" for text in texts]) + b"]"
    return b"[" + before + listed[1:-1].replace(b'","', b'"},' + before + b'"') + b"}]"


class Source:
    """The functions of one plan."""

    def __init__(self, types: StructTypes) -> None:
        self.types = types
        self._namespace: dict[str, Any] = {
            "GiveUpError": GiveUpError,
            "dumps": orjson.dumps,
            "islice": itertools.islice,
            "texts": represent_texts,
            "UNSET": msgspec.UNSET,
        }
        self._names: dict[int, str] = {}
        self._functions: dict[tuple[str, ...], str] = {}

    def constant(self, value: object) -> str:
        """A name for an object that the code uses."""
        name = self._names.setdefault(id(value), f"C{len(self._names)}")
        self._namespace[name] = value
        return name

    def function(self, parameters: str, body: Iterable[str]) -> str:
        """The name of a function, which is added unless there is one like it."""
        known = (parameters, *body)
        name = self._functions.get(known)
        if name is None:
            name = self._functions[known] = f"f{len(self._functions)}"
        return name

    def compile(self) -> Functions:
        """All functions, by their names."""
        lines: Lines = []
        for (parameters, *body), name in self._functions.items():
            lines += [f"def {name}({parameters}):", *indent(body)]
        try:
            exec(compile("\n".join(lines), "<compiled plan>", "exec"), self._namespace)  # noqa: S102 - our texts
        except (SyntaxError, RecursionError, MemoryError) as error:
            raise NotCompilableError(f"the plan is nested too deeply: {error}") from error
        return self._namespace

    def walk(self, place: Place, path: Path, write: Write, variable: str = ROOT) -> Lines:
        """What ``write`` gives for every place at ``path``, inside the loops that lead there."""
        if not path:
            return write(variable, place)
        found = step_into(place, path)
        if found is None:
            return []
        slot, passed, rest = found
        return self.enter(slot, variable, lambda inner, at: self.walk(at, rest, write, inner), passed)

    def comprehend(self, place: Place, path: Path, wanted: Place) -> str:
        """A list of the objects of one place, in the order in which ``walk`` comes to them."""
        variable = ROOT
        clauses = []
        while path:
            found = step_into(place, path)
            assert found is not None, "somebody walked here before"
            slot, passed, path = found
            place = next(inner for inner in passed if any(at is wanted for at in places_at(inner, path)))
            expression = f"{variable}.{slot.attribute}"
            for nullable in slot.nullable[:-1]:
                variable = _inside(variable)
                clauses.append(f"for {variable} in {expression}{' or ()' if nullable else ''}")
                expression = variable
            if len(slot.nullable) == 1:
                variable = _inside(variable)
                clauses.append(f"for {variable} in ({expression},)")
            if slot.is_tagged:
                clauses.append(f"if {variable}.__class__ is {self.constant(self.types.decoded(place, is_tagged=True))}")
            elif slot.nullable[-1]:
                clauses.append(f"if {variable} is not None")
        return f"[{variable} {' '.join(clauses)}]"

    def enter(self, slot: Slot, variable: str, write: Write, places: Sequence[Place]) -> Lines:
        """What ``write`` gives for those objects in a slot of ``variable`` that are at one of ``places``."""
        expression = f"{variable}.{slot.attribute}"
        heads: Lines = []
        for nullable in slot.nullable[:-1]:
            variable = _inside(variable)
            heads.append(f"for {variable} in {expression}{' or ()' if nullable else ''}:")
            expression = variable
        if not heads:
            variable = _inside(variable)
        lines = self.tell_apart(slot, variable, write, places)
        if lines and slot.nullable[-1]:
            lines = [f"if {variable} is not None:", *indent(lines)]
        if lines and not heads:
            lines.insert(0, f"{variable} = {expression}")
        for head in reversed(heads if lines else []):
            lines = [head, *indent(lines)]
        return lines

    def tell_apart(self, slot: Slot, variable: str, write: Write, places: Sequence[Place]) -> Lines:
        """What ``write`` gives for the place that the object in ``variable`` belongs to."""
        if not slot.is_tagged:
            return [line for place in places for line in write(variable, place)]
        groups: dict[tuple[str, ...], list[Place]] = {}
        for place in places:
            groups.setdefault(tuple(write(variable, place)), []).append(place)
        lines: Lines = []
        for body, alike in groups.items():
            if body:
                classes = ", ".join(self.constant(self.types.decoded(place, is_tagged=True)) for place in alike)
                test = f"is {classes}" if len(alike) == 1 else f"in ({classes})"
                lines += [f"{'elif' if lines else 'if'} kind {test}:", *indent(body)]
        return [f"kind = {variable}.__class__", *lines] if lines else []


def indent(lines: Iterable[str]) -> Lines:
    """The lines as a block."""
    return [f" {line}" for line in lines]


def _inside(variable: str) -> str:
    """The name of a variable inside the loop of another."""
    return f"v{int(variable[1:]) + 1}"
