"""Plugins that a configuration names."""

from pydantic import ValidationError

from router.config.plugins import PluginSection
from router.importing import ImportProblemError, import_object
from router.plugins.plugin import Plugin


class PluginProblemError(ValueError):
    """A plugin cannot be used; the message says which, and why."""


def load_plugin(section: PluginSection, place: str) -> Plugin:
    """Make the plugin; ``place`` is where it stands in the configuration. Raises ``PluginProblemError``."""
    try:
        found = import_object(section.use)
    except ImportProblemError as error:
        raise PluginProblemError(f"{place}.use: {error}") from error
    if not isinstance(found, type) or not issubclass(found, Plugin):
        raise PluginProblemError(f"{place}.use: {section.use} does not derive from router.plugins.Plugin")
    try:
        options = found.Options.model_validate(dict(section.config))
    except ValidationError as error:
        first = error.errors()[0]
        path = ".".join(str(part) for part in (f"{place}.config", *first["loc"]))
        raise PluginProblemError(f"{path}: {first['msg']}") from error
    try:
        plugin = found(options)
    except Exception as error:
        raise PluginProblemError(f"{place}: {section.use} cannot be made: {error}") from error
    plugin.name = section.name or getattr(plugin, "name", "") or found.__name__
    plugin.subgraphs = frozenset(section.subgraphs) or None
    if section.priority is not None:
        plugin.priority = section.priority
    return plugin
