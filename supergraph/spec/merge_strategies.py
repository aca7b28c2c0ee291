"""How the argument of a non-repeatable directive is merged when subgraphs give it different values."""

from collections.abc import Callable, Sequence

from supergraph.sdl.values import Plain

Strategy = Callable[[Sequence[Plain]], Plain]


def maximum(values: Sequence[Plain]) -> Plain:
    """The largest number."""
    return max(value for value in values if isinstance(value, (int, float)))


def nullable_maximum(values: Sequence[Plain]) -> Plain:
    """The largest number; null only if all are null."""
    return max((value for value in values if isinstance(value, (int, float))), default=None)


def nullable_and(values: Sequence[Plain]) -> Plain:
    """True if all are; null only if all are null."""
    given = [value for value in values if value is not None]
    return all(given) if given else None


def nullable_union(values: Sequence[Plain]) -> Plain:
    """All items, each once, in order of appearance; null only if all are null."""
    lists = [value for value in values if isinstance(value, list)]
    if not lists:
        return None
    items: list[Plain] = []
    for item in (item for value in lists for item in value):
        if item not in items:
            items.append(item)
    return items


def dnf_conjunction(values: Sequence[Plain]) -> Plain:
    """All requirements together, each an OR of ANDs: ``[[a], [b]]`` and ``[[c]]`` give ``[[a, c], [b, c]]``."""
    return conjunction_text(conjoin([read_dnf(value) for value in values]))


Dnf = frozenset[frozenset[str]]


def read_dnf(value: Plain) -> Dnf:
    """An argument such as ``scopes`` as an OR of ANDs; lone items stand for lists of one, as GraphQL coerces."""
    outer = value if isinstance(value, list) else [value]
    return frozenset(
        frozenset(str(name) for name in (inner if isinstance(inner, list) else [inner])) for inner in outer
    )


def conjoin(requirements: Sequence[Dnf]) -> Dnf:
    """The requirement that all of ``requirements`` make. An empty one demands nothing."""
    product: Dnf = frozenset({frozenset()})
    for requirement in requirements:
        if requirement:
            product = minimal(frozenset(left | right for left in product for right in requirement))
    return product


def minimal(requirement: Dnf) -> Dnf:
    """Without the alternatives that demand more than another one does."""
    return frozenset(one for one in requirement if not any(other < one for other in requirement))


def conjunction_text(requirement: Dnf) -> Plain:
    """The argument value that denotes ``requirement``, in a stable order."""
    alternatives = sorted((sorted(one) for one in requirement), key=lambda names: (len(names), names))
    return [list(names) for names in alternatives]
