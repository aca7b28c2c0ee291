"""To be written."""


def validate_merged(*_args: object) -> None:
    """Nothing yet."""
