"""To be written."""


def check_satisfiability(*_args: object) -> None:
    """Nothing yet."""
