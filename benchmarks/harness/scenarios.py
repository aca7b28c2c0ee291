"""What clients ask for: one operation per scenario, and how its text changes from request to request."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

WIDE = """
fragment BandParts on Band { id name genre founded members }
fragment VenueParts on Venue { id name city capacity indoor }
fragment GigParts on Gig { id starts minutes price sold soldOut fee }
query Programme {
  bands(first: 9) {
    ...BandParts
    gigs { ...GigParts venue { ...VenueParts gigs { id starts sold band { ...BandParts } } } }
  }
  venues(first: 4) { ...VenueParts gigs { ...GigParts band { ...BandParts gigs { id fee venue { id name } } } } }
}
"""
DEEP = """
query Where($id: ID!) {
  contract(id: $id) {
    id number
    agent { id name agency { id title account { id iban branch { id city manager { name phone } } } } }
  }
}
"""
LIST = """
query Archive {
  recordings(first: 1000) {
    id title seconds tempo live notes tags format { bits rate channels } shelf { room row }
  }
}
"""
MEDIUM = """
query Evening($id: ID!) {
  band(id: $id) {
    id alias_00000000: name genre members
    gigs { id starts price fee soldOut venue { id name city gigs { id sold band { id name founded } } } }
  }
  venues(first: 2) { id name indoor gigs { id minutes } }
}
"""

Variation = Literal["nothing", "alias", "shape"]
"""What differs between the texts of two requests: nothing, the name of an alias, or the order of all selections."""

MARK = b"alias_00000000"
"""Stands in the text of a scenario whose alias varies; the digits are replaced, so lengths stay."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One operation, asked again and again.

    Attributes:
        about: What it stands for.
    """

    name: str
    about: str
    document: str
    variables: Mapping[str, object] = field(default_factory=dict)
    varies: Variation = "nothing"


SCENARIOS: Mapping[str, Scenario] = {
    scenario.name: scenario
    for scenario in (
        Scenario(name="small", about="one call, a tiny answer", document="{ headliner { id name } }"),
        Scenario(name="wide", about="four subgraphs that overlap, a large answer", document=WIDE),
        Scenario(name="deep", about="five subgraphs, one after the other", document=DEEP, variables={"id": "7"}),
        Scenario(name="list", about="1,000 entities of two subgraphs", document=LIST),
        Scenario(name="cached", about="seven calls, always the same text", document=MEDIUM, variables={"id": "3"}),
        Scenario(
            name="aliases", about="the same, each text with another alias", document=MEDIUM, variables={"id": "3"},
            varies="alias",
        ),
        Scenario(
            name="shapes", about="the same, each text in another order", document=MEDIUM, variables={"id": "3"},
            varies="shape",
        ),
    )
}  # fmt: skip
