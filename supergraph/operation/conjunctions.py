"""Conjunctions of conditions as numbers, and what normalisation computes with them.

Every variable has two bits: one says that it must be true, the other that it must be false. A conjunction is the sum of
its bits. So "both", "implies" and "what both have in common" are one operation each, equal ones are found by hashing,
and a document in which conditions double at every level is merged while it is walked.
"""

from collections.abc import Iterable, Iterator

from graphql import DirectiveNode, SelectionSetNode

from supergraph.operation.conditions import ALWAYS, read_conditions
from supergraph.operation.model import Condition, Conditions

Conjunction = int
Part = tuple[SelectionSetNode, Conjunction]
"""What a field selects below, and when."""

NO_CONDITION: Conjunction = 0


class Conjunctions:
    """The conjunctions of one operation."""

    def __init__(self) -> None:
        self._bits: dict[str, int] = {}
        self._true_bits = 0
        self._written: dict[Conjunction, Conditions] = {NO_CONDITION: ALWAYS}

    def read(self, directives: Iterable[DirectiveNode]) -> Conjunction | None:
        """When ``directives`` let their selection through: ``None`` means never."""
        conditions = read_conditions(directives)
        return None if conditions is None else sum(map(self._bit, conditions))

    def _bit(self, condition: Condition) -> int:
        bit = self._bits.get(condition.variable)
        if bit is None:
            bit = self._bits[condition.variable] = 1 << (2 * len(self._bits))
            self._true_bits |= bit
        return bit if condition.wanted else bit << 1

    def write(self, conjunction: Conjunction) -> Conditions:
        """The conditions, sorted."""
        known = self._written.get(conjunction)
        if known is None:
            found = []
            for variable, bit in self._bits.items():
                if conjunction & (bit | bit << 1):
                    found.append(Condition(variable, wanted=bool(conjunction & bit)))
            known = self._written[conjunction] = tuple(sorted(found))
        return known

    def are_exclusive(self, left: Conjunction, right: Conjunction) -> bool:
        """Whether the two cannot hold at once."""
        both = left | right
        return bool(both & both >> 1 & self._true_bits)

    def opposites(self, conjunction: Conjunction) -> Iterator[Conjunction]:
        """The conjunctions that differ from this one in the truth of one variable."""
        rest = conjunction
        while rest:
            bit = rest & -rest
            rest ^= bit
            yield conjunction ^ (bit | bit << 1 if bit & self._true_bits else bit | bit >> 1)

    def are_opposite(self, left: Conjunction, right: Conjunction) -> bool:
        """Whether one or the other holds as soon as what they have in common does."""
        difference = left ^ right
        true = difference & self._true_bits
        return difference == true | true << 1 and true.bit_count() == 1

    def cover(self, known: dict[Conjunction, None], when: Conjunction) -> bool:
        """Let ``known`` cover ``when``; returns whether it did before. Two that are opposite are known as one."""
        if any(implies(when, each) for each in known):
            return True
        while (opposite := next((each for each in self.opposites(when) if each in known), None)) is not None:
            del known[opposite]
            when &= opposite
        known[when] = None
        return False

    def add_part(self, parts: list[Part], node: SelectionSetNode, when: Conjunction) -> None:
        """Let ``node`` be selected behind ``parts``, as one with the last of them as long as that is possible."""
        while parts and parts[-1][0] is node:
            before = parts[-1][1]
            if implies(when, before):
                return
            if not implies(before, when) and not self.are_opposite(before, when):
                break
            parts.pop()
            when &= before
        parts.append((node, when))


def implies(stronger: Conjunction, weaker: Conjunction) -> bool:
    """Whether ``weaker`` holds whenever ``stronger`` does."""
    return not weaker & ~stronger
