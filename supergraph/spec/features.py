"""The features that composition knows: the shape of their directives, and how applications of them are merged.

A directive spec is data. The same table says what a subgraph may define itself, what is added when it does not, and
what the supergraph declares.
"""

from dataclasses import dataclass

from supergraph.spec.link import APOLLO, Version
from supergraph.spec.merge_strategies import (
    Strategy,
    dnf_conjunction,
    maximum,
    nullable_and,
    nullable_maximum,
    nullable_union,
)

ALL_BUT_SCHEMA = (
    "FIELD_DEFINITION",
    "OBJECT",
    "INTERFACE",
    "UNION",
    "ARGUMENT_DEFINITION",
    "SCALAR",
    "ENUM",
    "ENUM_VALUE",
    "INPUT_OBJECT",
    "INPUT_FIELD_DEFINITION",
)
GUARDED = ("FIELD_DEFINITION", "OBJECT", "INTERFACE", "SCALAR", "ENUM")


@dataclass(frozen=True, slots=True)
class ArgumentSpec:
    """An argument: its type, in which ``<X>`` stands for the local name of the feature's type ``X``."""

    name: str
    type: str
    default: str | None = None
    strategy: Strategy | None = None


@dataclass(frozen=True, slots=True)
class DirectiveSpec:
    """A directive of a feature."""

    name: str
    locations: tuple[str, ...]
    arguments: tuple[ArgumentSpec, ...] = ()
    repeatable: bool = False


@dataclass(frozen=True, slots=True)
class FeatureSpec:
    """A feature that ends up in the supergraph, with the federation version that it implies."""

    identity: str
    name: str
    version: Version
    directives: tuple[DirectiveSpec, ...]
    types: tuple[str, ...] = ()
    purpose: str | None = None
    implies: Version = (2, 0)

    def directive(self, name: str) -> DirectiveSpec | None:
        """The directive called ``name`` in the specification."""
        return next((directive for directive in self.directives if directive.name == name), None)


TAG = DirectiveSpec("tag", (*ALL_BUT_SCHEMA, "SCHEMA"), (ArgumentSpec("name", "String!"),), repeatable=True)
INACCESSIBLE = DirectiveSpec("inaccessible", ALL_BUT_SCHEMA)
AUTHENTICATED = DirectiveSpec("authenticated", GUARDED)
REQUIRES_SCOPES = DirectiveSpec(
    "requiresScopes", GUARDED, (ArgumentSpec("scopes", "[[<Scope>!]!]!", strategy=dnf_conjunction),)
)
POLICY = DirectiveSpec("policy", GUARDED, (ArgumentSpec("policies", "[[<Policy>!]!]!", strategy=dnf_conjunction),))
CONTEXT = DirectiveSpec(
    "context", ("INTERFACE", "OBJECT", "UNION"), (ArgumentSpec("name", "String!"),), repeatable=True
)
FROM_CONTEXT = DirectiveSpec("fromContext", ("ARGUMENT_DEFINITION",), (ArgumentSpec("field", "<ContextFieldValue>"),))
COST = DirectiveSpec(
    "cost",
    ("ARGUMENT_DEFINITION", "ENUM", "FIELD_DEFINITION", "INPUT_FIELD_DEFINITION", "OBJECT", "SCALAR"),
    (ArgumentSpec("weight", "Int!", strategy=maximum),),
)
LIST_SIZE = DirectiveSpec(
    "listSize",
    ("FIELD_DEFINITION",),
    (
        ArgumentSpec("assumedSize", "Int", strategy=nullable_maximum),
        ArgumentSpec("slicingArguments", "[String!]", strategy=nullable_union),
        ArgumentSpec("sizedFields", "[String!]", strategy=nullable_union),
        ArgumentSpec("requireOneSlicingArgument", "Boolean", "true", strategy=nullable_and),
    ),
)
CACHE_TAG = DirectiveSpec(
    "cacheTag", ("OBJECT", "FIELD_DEFINITION"), (ArgumentSpec("format", "String!"),), repeatable=True
)

TAG_FEATURE = FeatureSpec(APOLLO + "tag", "tag", (0, 3), (TAG,))
COST_FEATURE = FeatureSpec(APOLLO + "cost", "cost", (0, 1), (COST, LIST_SIZE), implies=(2, 9))
CONTEXT_FEATURE = FeatureSpec(
    APOLLO + "context",
    "context",
    (0, 1),
    (CONTEXT, FROM_CONTEXT),
    types=("ContextFieldValue",),
    purpose="SECURITY",
    implies=(2, 8),
)

# In the order in which the supergraph links them.
COMPOSED_FEATURES: tuple[FeatureSpec, ...] = (
    TAG_FEATURE,
    FeatureSpec(APOLLO + "inaccessible", "inaccessible", (0, 2), (INACCESSIBLE,), purpose="SECURITY"),
    FeatureSpec(
        APOLLO + "authenticated", "authenticated", (0, 1), (AUTHENTICATED,), purpose="SECURITY", implies=(2, 5)
    ),
    FeatureSpec(
        APOLLO + "requiresScopes",
        "requiresScopes",
        (0, 1),
        (REQUIRES_SCOPES,),
        types=("Scope",),
        purpose="SECURITY",
        implies=(2, 5),
    ),
    FeatureSpec(APOLLO + "policy", "policy", (0, 1), (POLICY,), types=("Policy",), purpose="SECURITY", implies=(2, 6)),
    CONTEXT_FEATURE,
    COST_FEATURE,
)

CACHE_TAG_FEATURE = FeatureSpec(
    APOLLO + "cacheTag", "cacheTag", (0, 1), (CACHE_TAG,), purpose="EXECUTION", implies=(2, 12)
)
CONNECT = APOLLO + "connect"

# Known versions of the features that a subgraph may link by themselves.
KNOWN_FEATURES: dict[str, FeatureSpec] = {
    feature.identity: feature for feature in (*COMPOSED_FEATURES, CACHE_TAG_FEATURE)
}
# What linking join implies: the federation version that introduced the join version.
JOIN_IMPLIES: dict[Version, Version] = {(0, 4): (2, 7), (0, 5): (2, 8)}


def feature_of_directive(name: str) -> FeatureSpec | None:
    """The composed feature that the directive ``name`` of the federation specification belongs to."""
    return next((feature for feature in COMPOSED_FEATURES if feature.directive(name)), None)
