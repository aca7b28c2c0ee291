"""To be written."""


def validate_subgraph(*_args: object) -> None:
    """Nothing yet."""
