"""Supergraph documents for tests: the header is written here, the types by the test."""

from collections.abc import Sequence

JOIN_DIRECTIVES = """
directive @join__enumValue(graph: join__Graph!) repeatable on ENUM_VALUE
directive @join__field(graph: join__Graph, requires: join__FieldSet, provides: join__FieldSet, type: String,
  external: Boolean, override: String, usedOverridden: Boolean, overrideLabel: String,
  contextArguments: [join__ContextArgument!]) repeatable on FIELD_DEFINITION | INPUT_FIELD_DEFINITION
directive @join__graph(name: String!, url: String!) on ENUM_VALUE
directive @join__implements(graph: join__Graph!, interface: String!) repeatable on OBJECT | INTERFACE
directive @join__type(graph: join__Graph!, key: join__FieldSet, extension: Boolean! = false,
  resolvable: Boolean! = true, isInterfaceObject: Boolean! = false) repeatable
  on OBJECT | INTERFACE | UNION | ENUM | INPUT_OBJECT | SCALAR
directive @join__unionMember(graph: join__Graph!, member: String!) repeatable on UNION
scalar join__FieldSet
scalar join__FieldValue
input join__ContextArgument { name: String! type: String! context: String! selection: join__FieldValue! }
"""

LINK_DIRECTIVE = """
directive @link(url: String, as: String, for: link__Purpose, import: [link__Import]) repeatable on SCHEMA
scalar link__Import
enum link__Purpose { SECURITY EXECUTION }
"""

CORE_DIRECTIVES = """
directive @core(feature: String!, as: String, for: core__Purpose) repeatable on SCHEMA
enum core__Purpose { SECURITY EXECUTION }
directive @join__field(graph: join__Graph, requires: join__FieldSet, provides: join__FieldSet) on FIELD_DEFINITION
directive @join__type(graph: join__Graph!, key: join__FieldSet) repeatable on OBJECT | INTERFACE
directive @join__owner(graph: join__Graph!) on OBJECT | INTERFACE
directive @join__graph(name: String!, url: String!) on ENUM_VALUE
scalar join__FieldSet
"""

INACCESSIBLE = """
directive @inaccessible on FIELD_DEFINITION | OBJECT | INTERFACE | UNION | ARGUMENT_DEFINITION | SCALAR | ENUM
  | ENUM_VALUE | INPUT_OBJECT | INPUT_FIELD_DEFINITION
"""


def supergraph_sdl(
    types: str, *, graphs: Sequence[str] = ("a", "b"), links: Sequence[str] = (), join: str = "v0.5"
) -> str:
    """A document with ``types``; a subgraph ``a`` is ``A`` in join directives.

    ``links`` are further ``@link`` arguments, such as ``url: "https://specs.apollo.dev/tag/v0.3"``.
    """
    linked = " ".join(f"@link({arguments})" for arguments in links)
    return f"""
schema
  @link(url: "https://specs.apollo.dev/link/v1.0")
  @link(url: "https://specs.apollo.dev/join/{join}", for: EXECUTION) {linked}
{{ query: Query }}
{LINK_DIRECTIVE}{JOIN_DIRECTIVES}{_graph_enum(graphs)}{types}"""


def hiding_sdl(types: str) -> str:
    """A document of one subgraph ``a`` that may use ``@inaccessible``."""
    link = 'url: "https://specs.apollo.dev/inaccessible/v0.2", for: SECURITY'
    return supergraph_sdl(INACCESSIBLE + types, graphs=("a",), links=(link,))


def fed1_sdl(types: str, *, graphs: Sequence[str] = ("a", "b")) -> str:
    """A document as federation 1 composed it, with join 0.1."""
    return f"""
schema
  @core(feature: "https://specs.apollo.dev/core/v0.2")
  @core(feature: "https://specs.apollo.dev/join/v0.1", for: EXECUTION)
{{ query: Query }}
{CORE_DIRECTIVES}{_graph_enum(graphs)}{types}"""


def _graph_enum(graphs: Sequence[str]) -> str:
    values = " ".join(f'{name.upper()} @join__graph(name: "{name}", url: "http://{name}")' for name in graphs)
    return f"enum join__Graph {{ {values} }}\n"
