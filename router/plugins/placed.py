"""The plugins of a configuration, each with the place where it stands: at the top, or under a route.

    plugins ──────────────────┐
    rest.routes[].plugins ────┴──▶ placed_plugins ──▶ pipeline
                                   ▲ you are here

The narrower place wins: a plugin under a route replaces, on that route, the one of the same name at the top.
"""

from collections.abc import Iterator, Set
from dataclasses import dataclass

from router.config.model import Config
from router.config.plugins import PluginSection
from router.plugins.load import PluginProblemError, load_plugin
from router.plugins.plugin import Plugin
from router.policy.modes import ScopedMode
from router.policy.scope import Scope


@dataclass(frozen=True, slots=True, eq=False)
class PlacedPlugin:
    """A plugin, and where it is asked."""

    plugin: Plugin
    mode: ScopedMode


def placed_plugins(config: Config, *, taken: Set[str]) -> tuple[PlacedPlugin, ...]:
    """Make all plugins; raises ``PluginProblemError``, also for a name that is ``taken`` or used twice."""
    under_routes = list(_under_routes(config))
    narrower: dict[str, set[str]] = {}
    for plugin, _, route in under_routes:
        narrower.setdefault(plugin.name, set()).add(route)
    seen = set(taken)
    placed: list[PlacedPlugin] = []
    for index, section in enumerate(config.plugins):
        plugin = load_plugin(section, f"plugins[{index}]")
        scope = Scope(never=frozenset(narrower.get(plugin.name, ())))
        _take(plugin, seen, f"plugins[{index}]")
        placed.append(PlacedPlugin(plugin, ScopedMode(section.mode, scope)))
    for plugin, section, route in under_routes:
        plugin.name = f"{plugin.name}@{route}"
        _take(plugin, seen, f"rest.routes: {route}: plugins")
        placed.append(PlacedPlugin(plugin, ScopedMode(section.mode, Scope(only=route))))
    return tuple(placed)


def _under_routes(config: Config) -> Iterator[tuple[Plugin, PluginSection, str]]:
    for number, route in enumerate(config.rest.routes):
        for index, section in enumerate(route.plugins):
            yield load_plugin(section, f"rest.routes[{number}].plugins[{index}]"), section, route.name


def _take(plugin: Plugin, seen: set[str], place: str) -> None:
    if plugin.name in seen:
        raise PluginProblemError(f"{place}: the name {plugin.name} is taken; give it another with name:")
    seen.add(plugin.name)
