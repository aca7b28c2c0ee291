"""The federation specification: what each version defines, and the operations every subgraph may carry."""

from supergraph.spec.features import (
    ALL_BUT_SCHEMA,
    AUTHENTICATED,
    CACHE_TAG,
    CONTEXT,
    COST,
    FROM_CONTEXT,
    INACCESSIBLE,
    LIST_SIZE,
    POLICY,
    REQUIRES_SCOPES,
    TAG,
    ArgumentSpec,
    DirectiveSpec,
)
from supergraph.spec.link import Version

LATEST: Version = (2, 14)
OPERATION_TYPES = frozenset({"_Any", "_Entity", "_Service"})
OPERATION_FIELDS = frozenset({"_entities", "_service"})

_FIELDS = (ArgumentSpec("fields", "<FieldSet>!"),)
_KEY = DirectiveSpec(
    "key", ("OBJECT", "INTERFACE"), (*_FIELDS, ArgumentSpec("resolvable", "Boolean", "true")), repeatable=True
)
_REQUIRES = DirectiveSpec("requires", ("FIELD_DEFINITION",), _FIELDS)
_PROVIDES = DirectiveSpec("provides", ("FIELD_DEFINITION",), _FIELDS)
_EXTERNAL = DirectiveSpec("external", ("OBJECT", "FIELD_DEFINITION"), (ArgumentSpec("reason", "String"),))
_EXTENDS = DirectiveSpec("extends", ("OBJECT", "INTERFACE"))
_SHAREABLE = DirectiveSpec("shareable", ("OBJECT", "FIELD_DEFINITION"))
_OVERRIDE = DirectiveSpec("override", ("FIELD_DEFINITION",), (ArgumentSpec("from", "String!"),))
_TAG_BEFORE_SCHEMA = DirectiveSpec("tag", ALL_BUT_SCHEMA, (ArgumentSpec("name", "String!"),), repeatable=True)

# (since, directive), later entries of the same name replace earlier ones.
_DIRECTIVES: tuple[tuple[Version, DirectiveSpec], ...] = (
    ((2, 0), _KEY),
    ((2, 0), _REQUIRES),
    ((2, 0), _PROVIDES),
    ((2, 0), _EXTERNAL),
    ((2, 0), _TAG_BEFORE_SCHEMA),
    ((2, 3), TAG),
    ((2, 0), _EXTENDS),
    ((2, 0), _SHAREABLE),
    ((2, 2), DirectiveSpec("shareable", ("OBJECT", "FIELD_DEFINITION"), repeatable=True)),
    ((2, 0), INACCESSIBLE),
    ((2, 0), _OVERRIDE),
    (
        (2, 7),
        DirectiveSpec(
            "override", ("FIELD_DEFINITION",), (ArgumentSpec("from", "String!"), ArgumentSpec("label", "String"))
        ),
    ),
    ((2, 1), DirectiveSpec("composeDirective", ("SCHEMA",), (ArgumentSpec("name", "String"),), repeatable=True)),
    ((2, 3), DirectiveSpec("interfaceObject", ("OBJECT",))),
    ((2, 5), AUTHENTICATED),
    ((2, 5), REQUIRES_SCOPES),
    ((2, 6), POLICY),
    ((2, 8), CONTEXT),
    ((2, 8), FROM_CONTEXT),
    ((2, 9), COST),
    ((2, 9), LIST_SIZE),
    ((2, 12), CACHE_TAG),
)
_TYPES: tuple[tuple[Version, str], ...] = (
    ((2, 0), "FieldSet"),
    ((2, 5), "Scope"),
    ((2, 6), "Policy"),
    ((2, 8), "ContextFieldValue"),
)
FEDERATION_1 = (_KEY, _REQUIRES, _PROVIDES, _EXTERNAL, _TAG_BEFORE_SCHEMA, _EXTENDS)
# What an upgraded federation 1 document imports: all there was when federation 1 documents were still written.
UPGRADED: Version = (2, 4)


def is_known_version(version: Version) -> bool:
    """Is it a federation version that this package composes?"""
    return (2, 0) <= version <= LATEST


def directives_of(version: Version) -> dict[str, DirectiveSpec]:
    """The directives of a federation 2 version, by name."""
    return {spec.name: spec for since, spec in _DIRECTIVES if since <= version}


def types_of(version: Version) -> tuple[str, ...]:
    """The scalars of a federation 2 version."""
    return tuple(name for since, name in _TYPES if since <= version)
