"""How deep a GraphQL text nests, found without parsing it.

Parsers, visitors and printers of GraphQL are recursive. A text that nests thousands of levels must be refused before
any of them sees it, so this scan is a flat loop over brackets, strings and comments.
"""

import re

_TOKEN = re.compile(
    r'"""(?:\\"""|[^"]|"(?!""))*+(?:""")?+'  # block string
    r'|"(?:\\.|[^"\\\n\r])*+"?+'
    r"|\#[^\n\r]*+"
    r"|[{(\[]|[})\]]"
)


def nests_deeper_than(text: str, limit: int) -> bool:
    """Whether brackets of any kind are open more than ``limit`` at once; stops at the first place where they are."""
    depth = 0
    for match in _TOKEN.finditer(text):
        bracket = match.group()
        if bracket in "{([":
            depth += 1
            if depth > limit:
                return True
        elif bracket in "})]":
            depth -= 1
    return False
