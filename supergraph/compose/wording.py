"""Turning names into text for messages."""

from collections.abc import Iterable


def quoted(names: Iterable[str]) -> str:
    """Names for a message: ``"a", "b" and "c"``; a long list is cut."""
    listed = [f'"{name}"' for name in names]
    if len(listed) > 1:
        listed[-2:] = [f"{listed[-2]} and {listed[-1]}"]
    text = ", ".join(listed)
    return text if len(text) <= 100 else text[:97] + "..."


def distribution(values: Iterable[tuple[str, str]]) -> str:
    """Who says what, the most frequent first: ``"Int" in subgraphs "a" and "b", "String" in subgraph "c"``."""
    groups: dict[str, list[str]] = {}
    for subgraph, value in values:
        groups.setdefault(value, []).append(subgraph)
    ordered = sorted(groups.items(), key=lambda group: -len(group[1]))
    return ", ".join(
        f'"{value}" in subgraph{"s" if len(subgraphs) > 1 else ""} {quoted(subgraphs)}' for value, subgraphs in ordered
    )
