"""Whatever stands in a subgraph's SDL, composition answers; it never raises."""

import random
import re
from collections.abc import Callable

import pytest

from supergraph.compose import Subgraph, compose
from tests.composing import fed2
from tests.supergraph.compose.test_composition_properties import SHOP
from tests.supergraph.compose.test_error_codes import CASES as ERROR_CASES
from tests.supergraph.compose.test_hint_codes import CASES as HINT_CASES

SEEDS = range(300)
BASES: list[dict[str, str]] = [
    *[SHOP] * 50,
    *({name: fed2(sdl) for name, sdl in case.subgraphs.items()} for case in ERROR_CASES if case.version == "2.14"),
    *({"alpha": fed2(alpha), "beta": fed2(beta)} for _, _, alpha, beta in HINT_CASES),
]
TOKEN = re.compile(r'"[^"]*"|[\w@$]+|\s+|.', re.DOTALL)
ODD = [
    "\x00",
    "\ud800",
    "\ufeff",
    "é",
    "名",
    "\u202e",
    "\U0001d4af",
    "\r",
    '"""',
    "\\u{110000}",
    "#",
    "...",
    "-",
    "9" * 400,
]
WORDS = ["Query", "Item", "Maker", "Kind", "Named", "ID", "Int", "String", "id", "name", "count", "_entities", "__x"]


def drop(tokens: list[str], rng: random.Random) -> list[str]:
    start = rng.randrange(len(tokens))
    return tokens[:start] + tokens[start + rng.randint(1, 6) :]


def swap(tokens: list[str], rng: random.Random) -> list[str]:
    left, right = rng.randrange(len(tokens)), rng.randrange(len(tokens))
    changed = list(tokens)
    changed[left], changed[right] = changed[right], changed[left]
    return changed


def repeat(tokens: list[str], rng: random.Random) -> list[str]:
    start = rng.randrange(len(tokens))
    end = start + rng.randint(1, 40)
    return tokens[:end] + tokens[start:end] + tokens[end:]


def rename(tokens: list[str], rng: random.Random) -> list[str]:
    """One name becomes another, everywhere or once; names in strings are field sets."""
    names = [token for token in tokens if token.isidentifier()]
    if not names:
        return tokens
    old, new = rng.choice(names), rng.choice([*names, *WORDS])
    if rng.random() < 0.5:
        return TOKEN.findall(re.sub(rf"\b{old}\b", new, "".join(tokens)))
    return [new if token == old and rng.random() < 0.3 else token for token in tokens]


def put_odd(tokens: list[str], rng: random.Random) -> list[str]:
    place = rng.randrange(len(tokens))
    return [*tokens[:place], rng.choice(ODD), *tokens[place:]]


def nest(tokens: list[str], rng: random.Random) -> list[str]:
    opening, closing = rng.choice([("[", "]"), ("{ a ", "}"), ("(a: ", ")"), ("[", ""), ("{", "")])
    place, depth = rng.randrange(len(tokens)), rng.choice([3, 100, 20_000])
    return [*tokens[:place], opening * depth, tokens[place], closing * depth, *tokens[place + 1 :]]


def put_bytes(tokens: list[str], rng: random.Random) -> list[str]:
    place = rng.randrange(len(tokens))
    return [*tokens[:place], rng.randbytes(rng.randint(1, 30)).decode("latin-1"), *tokens[place:]]


MUTATIONS: list[Callable[[list[str], random.Random], list[str]]] = [
    drop,
    drop,
    swap,
    repeat,
    rename,
    rename,
    rename,
    put_odd,
    nest,
    put_bytes,
]


def mutated(sdl: str, rng: random.Random) -> str:
    tokens = TOKEN.findall(sdl)
    for _ in range(rng.randint(1, 3)):
        tokens = rng.choice(MUTATIONS)(tokens, rng) or ["type"]
    return "".join(tokens)


def mutated_subgraphs(seed: int) -> list[Subgraph]:
    rng = random.Random(seed)  # noqa: S311 - a reproducible example, not a secret
    texts = dict(rng.choice(BASES))
    victim = rng.choice(sorted(texts))
    texts[victim] = mutated(texts[victim], rng)
    return [Subgraph(name, f"http://{name}", sdl) for name, sdl in texts.items()]


@pytest.mark.parametrize("seed", SEEDS)
def test_mutated_schemas_compose_or_have_errors(seed: int) -> None:
    composition = compose(mutated_subgraphs(seed))

    assert (composition.sdl is None) == bool(composition.errors)
    assert all(error.code and error.message for error in composition.errors)


def test_not_only_the_parser_is_tested() -> None:
    codes = {error.code for seed in SEEDS for error in compose(mutated_subgraphs(seed)).errors}

    assert len(codes) > 20
