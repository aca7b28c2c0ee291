"""Objects that a configuration names as ``package.module:name``."""

import importlib


class ImportProblemError(ValueError):
    """There is no such object; the message says why."""


def import_object(path: str) -> object:
    """What ``package.module:name`` names; raises ``ImportProblemError``."""
    module_name, _, name = path.partition(":")
    try:
        found: object = importlib.import_module(module_name)
        for part in name.split("."):
            found = getattr(found, part)
    except Exception as error:  # a module may do anything while it is imported
        raise ImportProblemError(f"{path} cannot be imported: {error}") from error
    return found
