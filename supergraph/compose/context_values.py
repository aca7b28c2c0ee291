"""The value of ``@fromContext(field:)``: ``$name`` and a selection on whatever type sets that context."""

import re

_VALUE = re.compile(r"\A[\s,]*\$([_A-Za-z]\w*)(.*)\Z", re.DOTALL)


def read_context_value(text: str) -> tuple[str | None, str]:
    """The context's name without ``$`` (``None`` if there is none) and the selection as written."""
    match = _VALUE.match(text)
    if match is None:
        return None, text
    return match[1], match[2]
