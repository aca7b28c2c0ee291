"""To be written."""


def upgrade_subgraphs(*_args: object) -> None:
    """Nothing yet."""
