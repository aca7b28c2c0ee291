"""The join specification: what a supergraph declares, and how subgraphs are named in it."""

import re
from collections.abc import Sequence

from graphql import parse

from supergraph.sdl.model import Schema
from supergraph.sdl.parse import schema_from_document
from supergraph.spec.link import Version

_COMMON = '''
directive @link(url: String, as: String, for: link__Purpose, import: [link__Import]) repeatable on SCHEMA
directive @join__graph(name: String!, url: String!) on ENUM_VALUE
directive @join__type(
  graph: join__Graph!, key: join__FieldSet, extension: Boolean! = false, resolvable: Boolean! = true
  isInterfaceObject: Boolean! = false
) repeatable on OBJECT | INTERFACE | UNION | ENUM | INPUT_OBJECT | SCALAR
directive @join__implements(graph: join__Graph!, interface: String!) repeatable on OBJECT | INTERFACE
directive @join__unionMember(graph: join__Graph!, member: String!) repeatable on UNION
directive @join__enumValue(graph: join__Graph!) repeatable on ENUM_VALUE
scalar join__FieldSet
scalar link__Import
enum link__Purpose {
  """
  `SECURITY` features provide metadata necessary to securely resolve fields.
  """
  SECURITY
  """
  `EXECUTION` features provide metadata necessary for operation execution.
  """
  EXECUTION
}
'''
_FIELD = """
directive @join__field(
  graph: join__Graph, requires: join__FieldSet, provides: join__FieldSet, type: String, external: Boolean
  override: String, usedOverridden: Boolean{more}
) repeatable on FIELD_DEFINITION | INPUT_FIELD_DEFINITION
"""
_DIRECTIVE = """
directive @join__directive(graphs: [join__Graph!], name: String!, args: join__DirectiveArguments)
  repeatable on SCHEMA | OBJECT | INTERFACE | FIELD_DEFINITION
scalar join__DirectiveArguments
"""
_CONTEXT = """
scalar join__FieldValue
input join__ContextArgument { name: String! type: String! context: String! selection: join__FieldValue! }
"""


def join_version(composition: Version) -> Version:
    """The join version that a composition of this federation version prints."""
    if composition < (2, 7):
        return (0, 3)
    return (0, 4) if composition < (2, 8) else (0, 5)


def join_definitions(version: Version) -> Schema:
    """The definitions of link and join, as a schema to take them from."""
    more = ""
    text = _COMMON
    if version >= (0, 4):
        more = ", overrideLabel: String"
        text += _DIRECTIVE
    if version >= (0, 5):
        more += ", contextArguments: [join__ContextArgument!]"
        text += _CONTEXT
    return schema_from_document(parse(text + _FIELD.replace("{more}", more), no_location=True))


def graph_names(names: Sequence[str]) -> dict[str, str]:
    """The value of ``join__Graph`` for each subgraph name, in the order given."""
    wanted = {name: _graph_name(name) for name in names}
    result: dict[str, str] = {}
    seen: dict[str, int] = {}
    collisions = list(wanted.values())
    for name, graph in wanted.items():
        if collisions.count(graph) == 1:
            result[name] = graph
            continue
        seen[graph] = seen.get(graph, 0) + 1
        result[name] = f"{graph}_{seen[graph]}"
    return result


def _graph_name(name: str) -> str:
    graph = re.sub(r"\W", "_", name, flags=re.ASCII).upper()
    if graph[:1].isdigit():
        graph = "_" + graph
    if re.search(r"_\d+\Z", graph):
        graph += "_"
    return graph
