"""Cases as text: what anyone can read and extend, and what ``--update-cases`` rewrites.

A file is a list of sections. It starts with ``# title:`` (and perhaps other ``# name: value`` lines); subgraphs stand
before the first operation and are shared by all operations of the file. Each operation is one case, with its
variables, labels and expected blocks behind it:

    # title: one hop by key
    --- subgraph a
    type Query { ... }
    --- operation
    { order { buyer { name } } }
    --- fetches
    1 a { order { buyer { id } } }
    2 b@order.buyer (User: id => name)
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.oracle.operations import OperationCase
from tests.oracle.pieces import SubgraphSource, with_link


@dataclass(frozen=True, slots=True)
class Section:
    """A line ``--- name argument`` and the text below it, up to the next one."""

    name: str
    argument: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One operation on the subgraphs of one file.

    Attributes:
        number: Which operation of the file it is, from 0.
        headers: The ``# name: value`` lines of the file.
        expected: The expected blocks by name, without surrounding whitespace.
    """

    path: Path
    number: int
    headers: Mapping[str, str]
    subgraphs: tuple[SubgraphSource, ...]
    operation: OperationCase
    labels: frozenset[str]
    expected: Mapping[str, str]

    def __str__(self) -> str:
        return f"{self.path.stem}-{self.number}" if self.number else self.path.stem


def load_cases(directory: Path) -> list[Case]:
    """All cases of a directory, by file name."""
    return [case for path in sorted(directory.glob("*.txt")) for case in read_cases(path, path.read_text())]


def read_cases(path: Path, text: str) -> list[Case]:
    """The cases in one file."""
    headers, sections = _split(text)
    subgraphs = tuple(
        SubgraphSource(section.argument, with_link(section.text)) for section in sections if section.name == "subgraph"
    )
    starts = [index for index, section in enumerate(sections) if section.name == "operation"]
    cases = []
    for number, start in enumerate(starts):
        end = starts[number + 1] if number + 1 < len(starts) else len(sections)
        blocks = {section.name: section.text.strip() for section in sections[start:end]}
        variables = json.loads(blocks.pop("variables", "{}"))
        cases.append(
            Case(
                path=path,
                number=number,
                headers=headers,
                subgraphs=subgraphs,
                operation=OperationCase(blocks.pop("operation"), variables),
                labels=frozenset(blocks.pop("labels", "").split()),
                expected=blocks,
            )
        )
    return cases


def update_case(case: Case, block: str, text: str) -> None:
    """Rewrite one expected block of a case in its file."""
    before = case.path.read_text()
    headers, sections = _split(before)
    starts = [index for index, section in enumerate(sections) if section.name == "operation"]
    end = starts[case.number + 1] if case.number + 1 < len(starts) else len(sections)
    for index in range(starts[case.number], end):
        if sections[index].name == block:
            sections[index] = Section(block, "", text.strip() + "\n")
            break
    else:
        sections.insert(end, Section(block, "", text.strip() + "\n"))
    case.path.write_text(_join(headers, sections))


def _split(text: str) -> tuple[dict[str, str], list[Section]]:
    headers: dict[str, str] = {}
    sections: list[Section] = []
    lines: list[str] = []
    for line in [*text.splitlines(), "--- end"]:
        if line.startswith("--- "):
            if sections:
                last = sections[-1]
                sections[-1] = Section(last.name, last.argument, "\n".join(lines).strip("\n") + "\n")
            name, _, argument = line.removeprefix("--- ").partition(" ")
            sections.append(Section(name, argument, ""))
            lines = []
        elif not sections and line.startswith("# "):
            name, _, value = line.removeprefix("# ").partition(":")
            headers[name.strip()] = value.strip()
        else:
            lines.append(line)
    return headers, sections[:-1]


def _join(headers: Mapping[str, str], sections: Sequence[Section]) -> str:
    parts = [f"# {name}: {value}\n" for name, value in headers.items()]
    for section in sections:
        argument = f" {section.argument}" if section.argument else ""
        parts.append(f"--- {section.name}{argument}\n{section.text}")
    return "".join(parts)
