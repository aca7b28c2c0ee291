"""Short forms for tests of composition: a subgraph is a piece of SDL, a federation version a header."""

from collections.abc import Mapping

from supergraph.compose import Composition, Subgraph, compose

ALL = (
    "@key @requires @provides @external @tag @extends @shareable @inaccessible @override @composeDirective "
    "@interfaceObject @authenticated @requiresScopes @policy @context @fromContext @cost @listSize @cacheTag"
)
_SINCE = {
    (2, 1): "@composeDirective",
    (2, 3): "@interfaceObject",
    (2, 5): "@authenticated @requiresScopes",
    (2, 6): "@policy",
    (2, 8): "@context @fromContext",
    (2, 9): "@cost @listSize",
    (2, 12): "@cacheTag",
}


def fed2(sdl: str, version: str = "2.14") -> str:
    """``sdl`` as a federation 2 document that imports every directive of the version."""
    major, minor = map(int, version.split("."))
    later = {name for since, names in _SINCE.items() if since > (major, minor) for name in names.split()}
    imports = ", ".join(f'"{name}"' for name in ALL.split() if name not in later)
    url = f"https://specs.apollo.dev/federation/v{version}"
    return f'{sdl}\nextend schema @link(url: "{url}", import: [{imports}])\n'


def compose_all(texts: Mapping[str, str], *, satisfiability: bool = True) -> Composition:
    """Compose documents by subgraph name, just as they are."""
    listed = [Subgraph(name, f"http://{name}", sdl) for name, sdl in texts.items()]
    return compose(listed, satisfiability=satisfiability)


def compose_texts(*, satisfiability: bool = True, **subgraphs: str) -> Composition:
    """Compose documents that are given as keyword arguments, just as they are."""
    return compose_all(subgraphs, satisfiability=satisfiability)


def compose_fed2(*, satisfiability: bool = True, version: str = "2.14", **subgraphs: str) -> Composition:
    """Compose documents to which the federation header is added."""
    texts = {name: fed2(sdl, version) for name, sdl in subgraphs.items()}
    return compose_all(texts, satisfiability=satisfiability)


def block(composition: Composition, name: str) -> str:
    """The definition of one type of the composed supergraph, as printed; a failure to compose is a test failure."""
    assert composition.sdl is not None, [error.message for error in composition.errors]
    for text in composition.sdl.split("\n\n"):
        head = text.split("{")[0].split("@")[0].split()
        if name in head[:2] or (name.startswith("@") and text.startswith(f"directive {name}")):
            return text.strip()
    raise AssertionError(f"{name} is not in the supergraph")


def error_codes(composition: Composition) -> list[str]:
    """The codes of all errors, sorted, each once."""
    return sorted({error.code for error in composition.errors})


def hint_codes(composition: Composition) -> list[str]:
    """The codes of all hints, sorted, each once."""
    return sorted({hint.code for hint in composition.hints})
