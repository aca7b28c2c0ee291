"""``supergate version``."""

from importlib.metadata import version as distribution_version

from router.cli.console import give


def version() -> None:
    """Print the version of this gateway."""
    give(f"supergate {distribution_version('supergate')}")
