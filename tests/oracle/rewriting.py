"""Documents of one skeleton: the same operation with other literals and aliases."""

from random import Random

from supergraph.operation.skeleton import Skeleton, hole, list_items, read_skeleton


def rewrite(rng: Random, document: str) -> str:
    """A valid document with the skeleton of ``document``, most often with other literals and aliases."""
    skeleton = read_skeleton(document)
    literals = [_rewrite_literal(rng, literal) for literal in skeleton.literals]
    aliases = [f"{alias}{rng.randint(10, 99)}" for alias in skeleton.aliases]
    rewritten = _write(rng, skeleton, literals, aliases)
    return rewritten if read_skeleton(rewritten).key == skeleton.key else document


def _write(rng: Random, skeleton: Skeleton, literals: list[str], aliases: list[str]) -> str:
    parts = []
    for part in skeleton.parts:
        found = hole(part)
        if found is not None:
            part = (aliases if found.is_alias else literals)[found.number]
        parts += [part, rng.choice((" ", "\n", ", ", " # a: 1 {\n"))]
    return "".join(parts)


def _rewrite_literal(rng: Random, literal: str) -> str:
    match literal[0]:
        case "[":
            return "[" + ", ".join(_rewrite_literal(rng, item) for item in list_items(literal)) + "]"
        case '"':
            return rng.choice(
                (f'"{rng.randint(0, 99)}"', '"kg"', '"""\n  block\n  "it"\n"""', r'"\u0041\"\\"', '"é\N{SNOWMAN}"')
            )
        case _:
            return str(rng.randint(0, 999))
