"""What the connect specification declares, as far as composition must understand it.

Composition only carries the applications of ``@source`` and ``@connect`` into the supergraph; nothing here calls them.
"""

from supergraph.sdl.model import INPUT, SCALAR
from supergraph.spec.features import ArgumentSpec, DirectiveSpec

CONNECT_DIRECTIVES = (
    DirectiveSpec(
        "source",
        ("SCHEMA",),
        (
            ArgumentSpec("name", "String!"),
            ArgumentSpec("http", "<SourceHTTP>!"),
            ArgumentSpec("errors", "<ConnectorErrors>"),
            ArgumentSpec("isSuccess", "<JSONSelection>"),
        ),
        repeatable=True,
    ),
    DirectiveSpec(
        "connect",
        ("FIELD_DEFINITION", "OBJECT"),
        (
            ArgumentSpec("source", "String"),
            ArgumentSpec("id", "String"),
            ArgumentSpec("http", "<ConnectHTTP>"),
            ArgumentSpec("batch", "<ConnectBatch>"),
            ArgumentSpec("errors", "<ConnectorErrors>"),
            ArgumentSpec("isSuccess", "<JSONSelection>"),
            ArgumentSpec("selection", "<JSONSelection>!"),
            ArgumentSpec("entity", "Boolean", "false"),
        ),
        repeatable=True,
    ),
)
# Name to kind and fields.
CONNECT_TYPES: dict[str, tuple[str, dict[str, str]]] = {
    "JSONSelection": (SCALAR, {}),
    "URLTemplate": (SCALAR, {}),
    "HTTPHeaderMapping": (
        INPUT,
        {"name": "String!", "from": "String", "value": "String"},
    ),
    "ConnectBatch": (INPUT, {"maxSize": "Int"}),
    "ConnectorErrors": (INPUT, {"message": "<JSONSelection>", "extensions": "<JSONSelection>"}),
    "SourceHTTP": (
        INPUT,
        {
            "baseURL": "String!",
            "headers": "[<HTTPHeaderMapping>!]",
            "path": "<JSONSelection>",
            "queryParams": "<JSONSelection>",
        },
    ),
    "ConnectHTTP": (
        INPUT,
        {
            "GET": "<URLTemplate>",
            "POST": "<URLTemplate>",
            "PUT": "<URLTemplate>",
            "PATCH": "<URLTemplate>",
            "DELETE": "<URLTemplate>",
            "body": "<JSONSelection>",
            "headers": "[<HTTPHeaderMapping>!]",
            "path": "<JSONSelection>",
            "queryParams": "<JSONSelection>",
        },
    ),
}
