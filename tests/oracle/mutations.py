"""Answers as no good subgraph gives them: changed at random, and written as JSON in unusual ways.

a right answer, a seed ──▶ mutate ──▶ the bytes of a wrong one

A mutation depends on its seed and on the answer alone, so that two runs that ask the same are answered the same.
"""

import json
import re
from collections.abc import Callable, Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass
from random import Random

from router.executor.outcome import FetchAnswer, FetchOutcome
from tests.oracle.data import Json


@dataclass(frozen=True, slots=True)
class Text:
    """JSON that ``json.dumps`` would not write."""

    written: str


Tree = None | bool | int | float | str | Text | list["Tree"] | dict[str, "Tree"]
Place = tuple[list[Tree] | dict[str, Tree], int | str]
"""A container with one of its indices or keys."""

Mutation = Callable[[Random, Tree, Sequence[str]], Tree]
"""From a value to another; the names are what the plan's texts are made of."""

ODD_VALUES: tuple[Tree, ...] = (
    None,
    True,
    False,
    0,
    1,
    -1,
    7,
    2**31,
    -(2**31) - 1,
    2**53 + 1,
    2**64,
    1.0,
    1.5,
    Text("1.0"),
    Text("1e2"),
    Text("-0"),
    Text("-0.0"),
    Text("1e400"),
    Text("123456789012345678901234567890"),
    Text("NaN"),
    Text('"\\ud83d\\ude00"'),
    Text('"\\ud83d"'),
    Text('"\\u0041\\n\\/"'),
    Text("01"),
    "",
    "1",
    "é€😀\x7f",
    'quote " and \\ and \t',
    [],
    {},
    [None],
    [[]],
    {"id": "1"},
)


def mutate(answer: Json, seed: str, names: Sequence[str]) -> FetchOutcome:
    """An outcome that is like ``answer`` in most places."""
    rng = Random(seed)  # noqa: S311 - seeded, to be reproducible
    tree: Tree = json.loads(json.dumps(answer))
    for _ in range(rng.choice((0, 0, 0, 1, 1, 2, 4))):
        tree = _mutate_somewhere(rng, tree, names)
    text = "".join(_write(rng, tree, rng.choice(("", "", "", " ", "\n\t")), shuffled=rng.random() < 0.2))
    if rng.random() < 0.02:
        text = text[: rng.randrange(len(text) + 1)]
    content_type = rng.choice(("application/json",) * 20 + ("application/json;charset=UTF-8", "text/plain", ""))
    status = rng.choice((200,) * 40 + (201, 500))
    return FetchAnswer(status, content_type, text.encode())


def words_of(texts: Sequence[str]) -> list[str]:
    """All names in some texts, sorted."""
    return sorted({word for text in texts for word in re.findall(r"\w+", text)})


def _mutate_somewhere(rng: Random, tree: Tree, names: Sequence[str]) -> Tree:
    places = list(_places(tree))
    if not places or rng.random() < 0.02:
        return _odd(rng, tree, names)
    container, key = rng.choice(places)
    mutation = rng.choice(MUTATIONS)
    if isinstance(container, dict):
        assert isinstance(key, str)
        container[key] = mutation(rng, container[key], names)
    else:
        assert isinstance(key, int)
        container[key] = mutation(rng, container[key], names)
    return tree


def _places(tree: Tree) -> Iterator[Place]:
    if isinstance(tree, dict):
        for key, value in tree.items():
            yield tree, key
            yield from _places(value)
    elif isinstance(tree, list):
        for index, value in enumerate(tree):
            yield tree, index
            yield from _places(value)


def _null(_rng: Random, _value: Tree, _names: Sequence[str]) -> Tree:
    return None


def _odd(rng: Random, _value: Tree, _names: Sequence[str]) -> Tree:
    return deepcopy(rng.choice(ODD_VALUES))


def _other_kind(_rng: Random, value: Tree, _names: Sequence[str]) -> Tree:
    """What some subgraphs send where another kind of number or text belongs."""
    match value:
        case bool():
            return int(value)
        case int():
            return float(value)
        case float():
            return int(value)
        case str() if value.isdigit():
            return int(value)
        case list() if value:
            return value[0]
        case str() | dict():
            return [value]
        case _:
            return value


def _rename_type(rng: Random, value: Tree, names: Sequence[str]) -> Tree:
    return rng.choice(names) if isinstance(value, str) else value


def _add_key(rng: Random, value: Tree, names: Sequence[str]) -> Tree:
    if not isinstance(value, dict):
        return value
    surplus: dict[str, Tree] = {rng.choice((*names, "__1", "__2", "__typename", "other")): _odd(rng, None, names)}
    return {**surplus, **value} if rng.random() < 0.5 else {**value, **surplus}


def _drop(rng: Random, value: Tree, _names: Sequence[str]) -> Tree:
    if isinstance(value, dict) and value:
        gone = rng.choice(sorted(value))
        return {key: inner for key, inner in value.items() if key != gone}
    if isinstance(value, list) and value:
        return value[:-1]
    return value


def _lengthen(rng: Random, value: Tree, _names: Sequence[str]) -> Tree:
    return [*value, deepcopy(rng.choice((None, *value)))] if isinstance(value, list) else value


def _null_inside(rng: Random, value: Tree, _names: Sequence[str]) -> Tree:
    if isinstance(value, list) and value:
        changed = list(value)
        changed[rng.randrange(len(value))] = None
        return changed
    return value


MUTATIONS: tuple[Mutation, ...] = (
    _null,
    _odd,
    _other_kind,
    _rename_type,
    _add_key,
    _add_key,
    _drop,
    _lengthen,
    _null_inside,
)


def _write(rng: Random, tree: Tree, space: str, *, shuffled: bool) -> Iterator[str]:
    match tree:
        case Text(written):
            yield written
        case dict():
            entries = list(tree.items())
            if shuffled:
                rng.shuffle(entries)
            if entries and shuffled and rng.random() < 0.05:
                # Never a type name: which one of two counts is nobody's promise, and both are checked.
                entries.insert(0, rng.choice([entry for entry in entries if entry[0] != "__typename"] or entries))
            yield "{" + space
            for number, (key, value) in enumerate(entries):
                yield f"{',' + space if number else ''}{json.dumps(key)}{space}:"
                yield from _write(rng, value, space, shuffled=shuffled)
            yield space + "}"
        case list():
            yield "[" + space
            for number, value in enumerate(tree):
                yield "," + space if number else ""
                yield from _write(rng, value, space, shuffled=shuffled)
            yield space + "]"
        case _:
            yield json.dumps(tree, ensure_ascii=rng.random() < 0.5)
