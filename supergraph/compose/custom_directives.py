"""``@composeDirective``: keeping the user's own directives in the supergraph.

A directive is kept if it belongs to a linked feature. The definition of the highest linked minor version wins, and
every subgraph that has the directive under that name contributes its applications.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches

from supergraph.compose.problems import Problems
from supergraph.compose.subgraph import LoadedSubgraph
from supergraph.compose.wording import quoted
from supergraph.sdl.model import BUILT_IN_DIRECTIVES, Applied, DirectiveDef
from supergraph.sdl.values import Plain
from supergraph.spec.features import CONNECT, KNOWN_FEATURES, feature_of_directive
from supergraph.spec.link import FEDERATION, JOIN, LINK, Link, Version

CODE = "DIRECTIVE_COMPOSITION_ERROR"
_RELAXED: Version = (2, 14)
_OWN = frozenset({LINK, FEDERATION, JOIN, CONNECT, *KNOWN_FEATURES})


@dataclass(frozen=True, slots=True, eq=False)
class CustomDirective:
    """A feature of the user's with composed directives.

    Attributes:
        directives: Definition, name in the feature, and the subgraphs that have it under its local name.
    """

    identity: str
    url: str
    alias: str | None
    purpose: str | None
    imports: list[Plain]
    directives: list[tuple[DirectiveDef, str, list[str]]]


@dataclass(slots=True)
class _Request:
    """``@composeDirective(name: "@local")`` of one subgraph, found to name a directive of a feature."""

    subgraph: LoadedSubgraph
    local: str
    link: Link
    element: str
    applied: Applied


@dataclass(slots=True)
class _Feature:
    requests: list[_Request] = field(default_factory=list)
    users: list[tuple[LoadedSubgraph, Link]] = field(default_factory=list)


def find_custom_directives(
    subgraphs: Sequence[LoadedSubgraph], reserved: set[str], taken: set[str], problems: Problems
) -> list[CustomDirective]:
    """The custom features to compose.

    ``reserved`` are the names of directives that the supergraph has anyway, ``taken`` those of its features.
    """
    features: dict[str, _Feature] = {}
    for subgraph in subgraphs:
        for link in subgraph.links.by_identity.values():
            if link.identity not in _OWN:
                features.setdefault(link.identity, _Feature()).users.append((subgraph, link))
        for request in _requests(subgraph, reserved | {"tag", "inaccessible"}, problems):
            features[request.link.identity].requests.append(request)
    _check_local_names(features, problems)
    found: list[CustomDirective] = []
    for identity, feature in features.items():
        if _majors_agree(identity, feature, problems) and feature.requests:
            custom = _compose_feature(identity, feature, taken, problems)
            if custom is not None:
                found.append(custom)
    return found


def _requests(subgraph: LoadedSubgraph, reserved: set[str], problems: Problems) -> Iterator[_Request]:
    for applied in subgraph.applications(subgraph.schema, "composeDirective"):
        name = applied.text("name")
        reason = None
        if not name:
            reason = 'Argument to @composeDirective is missing or empty: it names a directive, as in "@mine"'
        elif not name.startswith("@"):
            reason = f'Argument to @composeDirective "{name}" must have a leading "@"'
        if reason is None and name is not None:
            found = _find(subgraph, name.removeprefix("@"), applied, reserved, problems)
            if isinstance(found, _Request):
                yield found
                continue
            reason = found
        if reason is not None:
            problems.error_in(subgraph.name, CODE, reason, applied.node, coordinate=name)


def _find(
    subgraph: LoadedSubgraph, local: str, applied: Applied, reserved: set[str], problems: Problems
) -> _Request | str | None:
    """The request; or why it is wrong; or ``None`` if it is merely superfluous."""
    if local not in subgraph.schema.directive_defs:
        close = get_close_matches(local, subgraph.schema.directive_defs, n=3)
        advice = f". Did you mean {quoted('@' + name for name in close)}?" if close else ""
        return f'Argument to @composeDirective "@{local}" is not a directive of this subgraph{advice}'
    source = subgraph.links.source_of_directive(local)
    if local in BUILT_IN_DIRECTIVES or local == "link":
        return f'Directive "@{local}" cannot be composed: it is built in'
    if source is None:
        return f'Directive "@{local}" cannot be composed: it is not part of a linked feature'
    link, element = source
    canonical = subgraph.canonical.get(local)
    if canonical is not None and (feature_of_directive(canonical) is not None or canonical == "cacheTag"):
        message = f'Directive "@{local}" should not be explicitly composed: it is always composed'
        place = subgraph.place(applied)
        problems.hint("DIRECTIVE_COMPOSITION_INFO", message, [place], coordinate=f"@{local}")
        return None
    if link.identity in _OWN:
        return f'Composing federation directive "@{local}" in subgraph "{subgraph.name}" is not supported'
    if local in reserved:
        return f'Directive "@{local}" conflicts with the federation directive of this name: import it as another'
    return _Request(subgraph, local, link, element.removeprefix("@"), applied)


def _check_local_names(features: dict[str, _Feature], problems: Problems) -> None:
    """One local name for one directive, and one directive for one local name."""
    meanings: dict[str, dict[tuple[str, str], list[str]]] = {}
    names: dict[tuple[str, str], dict[str, list[str]]] = {}
    for identity, feature in features.items():
        for request in feature.requests:
            meaning = (identity, request.element)
            meanings.setdefault(request.local, {}).setdefault(meaning, []).append(request.subgraph.name)
            names.setdefault(meaning, {}).setdefault(request.local, []).append(request.subgraph.name)
    for local, found in meanings.items():
        if len(found) > 1:
            described = ", ".join(
                f'"@{element}" of "{identity}" in {quoted(users)}' for (identity, element), users in found.items()
            )
            message = f'Composed directive "@{local}" stands for different directives: it is {described}'
            problems.error(CODE, message, coordinate=f"@{local}")
    for (_, element), found_names in names.items():
        if len(found_names) > 1:
            described = ", ".join(f'"@{local}" in {quoted(users)}' for local, users in found_names.items())
            message = f'Composed directive "@{element}" is not named consistently in all subgraphs: it is {described}'
            problems.error(CODE, message, coordinate=f"@{element}")


def _majors_agree(identity: str, feature: _Feature, problems: Problems) -> bool:
    majors = {link.version[0] for _, link in feature.users}
    if len(majors) < 2:
        return True
    composing = {request.link.version[0] for request in feature.requests}
    described = ", ".join(f'v{link.version[0]}.{link.version[1]} in "{user.name}"' for user, link in feature.users)
    involved = [user.place(link.applied) for user, link in feature.users]
    message = f'Core feature "{identity}" is linked with different major versions: it is {described}'
    if len(composing) > 1:
        problems.error(CODE, message + ", and requested to be composed in several of them", involved)
        return False
    problems.hint("DIRECTIVE_COMPOSITION_INFO", message, involved)
    return True


def _compose_feature(identity: str, feature: _Feature, taken: set[str], problems: Problems) -> CustomDirective | None:
    major = feature.requests[0].link.version[0]
    users = [(user, link) for user, link in feature.users if link.version[0] == major]
    latest = max(link.version for _, link in users)
    locals_by_element = {request.element: request.local for request in feature.requests}
    directives = []
    imports: list[Plain] = []
    for element, local in locals_by_element.items():
        definition = _definition(local, element, users, latest, problems)
        if definition is None:
            return None
        directives.append((definition, element, _contributors(local, element, users, problems)))
        imports.append(f"@{element}" if element == local else {"name": f"@{element}", "as": f"@{local}"})
    link = next(link for _, link in users if link.version == latest)
    alias = _alias(link.url.name, taken)
    taken.add(alias or link.url.name)
    return CustomDirective(identity, str(link.url), alias, link.purpose, imports, directives)


def _alias(name: str, taken: set[str]) -> str | None:
    """Another name for a feature whose own is no GraphQL name, or not free."""
    sanitised = re.sub(r"\W", "", name, flags=re.ASCII)
    if sanitised == name and name not in taken:
        return None
    numbers = (number for number in range(len(taken) + 1) if not any(other.startswith(f"_{number}") for other in taken))
    return f"_{next(numbers)}{sanitised}"


def _definition(
    local: str,
    element: str,
    users: Sequence[tuple[LoadedSubgraph, Link]],
    latest: Version,
    problems: Problems,
) -> DirectiveDef | None:
    """The definition of the highest linked version; from 2.14 on, the highest among those who have one."""
    defining = [(link.version, user) for user, link in users if local in user.schema.directive_defs]
    lacking = [
        user
        for user, link in users
        if link.version == latest and local not in user.schema.directive_defs and (user.version or (0, 0)) < _RELAXED
    ]
    has_latest = any(version == latest for version, _ in defining)
    if not defining or (lacking and not has_latest):
        names = quoted(user.name for user in lacking)
        message = (
            f'Directive "@{element}" is composed, but {names}, with the highest version of its feature, '
            "does not define it"
        )
        problems.error(CODE, message, coordinate=f"@{local}")
        return None
    best = max(version for version, _ in defining)
    user = [user for version, user in defining if version == best][-1]
    original = user.schema.directive_defs[local]
    definition = DirectiveDef(local, description=original.description)
    definition.arguments = original.arguments
    definition.locations = original.locations
    definition.repeatable = original.repeatable
    return definition


def _contributors(
    local: str, element: str, users: Sequence[tuple[LoadedSubgraph, Link]], problems: Problems
) -> list[str]:
    """The subgraphs that have the directive under its composed name; hints at those that call it otherwise."""
    contributors = []
    for user, link in users:
        name = link.local_name("@" + element)
        if name == local:
            contributors.append(user.name)
        elif "@" + element in link.imports:
            message = (
                f'Composed directive "@{local}" is named "@{name}" in subgraph "{user.name}", which does not compose '
                "it: its applications there are left out. Name it alike everywhere"
            )
            place = user.place(link.applied)
            problems.hint("DIRECTIVE_COMPOSITION_WARN", message, [place], coordinate=f"@{local}")
    return contributors
