"""Run as a program of its own: imports a user's schema and prints its SDL.

    python -P python_child.py FOLDER package.module:attribute

A user's module may print, leave threads behind, exit or crash: none of that shall happen to the gateway, and a changed
module is imported afresh. So that this starts quickly it imports nothing of Supergate. What it prints is one JSON
object: ``sdl`` or ``error``, and ``files``, those below FOLDER that were read for it.
"""

import importlib
import json
import os
import sys
import traceback
from pathlib import Path

from graphql import (
    GraphQLSchema,
    Node,
    graphql_sync,
    is_introspection_type,
    is_specified_directive,
    is_specified_scalar_type,
    print_ast,
    print_schema,
)

_EXPECTED = "expected a Strawberry or graphql-core schema, SDL text, or a function that gives one of these"


class NoSchemaError(Exception):
    """There is nothing to take an SDL from; the message says what is there."""


def main(folder: str, reference: str) -> None:
    """Print the SDL of ``reference``, or why there is none."""
    with os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8") as answer:
        os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what the user's module prints is not the answer
        json.dump(_answer(Path(folder).resolve(), reference), answer)


def _answer(folder: Path, reference: str) -> dict[str, object]:
    sys.path.insert(0, str(folder))
    module, _, attribute = reference.partition(":")
    error: BaseException | None = None
    result: dict[str, object] = {}
    try:
        result["sdl"] = sdl_of(_find(module, attribute))
    except NoSchemaError as problem:
        result["error"] = str(problem)
    except (Exception, SystemExit) as problem:
        error = problem
        result["error"] = _describe(problem, folder)
    result["files"] = sorted(map(str, _files(folder, error)))
    return result


def _find(module: str, attribute: str) -> object:
    try:
        found: object = importlib.import_module(module)
    except ModuleNotFoundError as error:
        if error.name is None or not f"{module}.".startswith(f"{error.name}."):
            raise
        raise NoSchemaError(f"there is no module {error.name} in {sys.path[0]} or among the installed ones") from error
    for name in attribute.split("."):
        if not hasattr(found, name):
            raise NoSchemaError(f"{module} has no {name}")
        found = getattr(found, name)
    return found


def sdl_of(value: object, *, call: bool = True) -> str:
    """The SDL of what a user calls a schema; raises ``NoSchemaError``."""
    if isinstance(value, str):
        return value
    if isinstance(value, GraphQLSchema):
        return _sdl_of_schema(value)
    as_text = getattr(value, "as_str", None)  # Strawberry's schemas, without importing Strawberry
    if callable(as_text) and not isinstance(value, type):
        return sdl_of(as_text(), call=False)
    if callable(value) and call and not isinstance(value, type):
        return sdl_of(value(), call=False)
    raise NoSchemaError(f"it is {type(value).__name__}; {_EXPECTED}")


def _sdl_of_schema(schema: GraphQLSchema) -> str:
    """What the schema says of itself as a subgraph, else what it was built from, else its types without directives."""
    if schema.query_type is not None and "_service" in schema.query_type.fields:
        answer = graphql_sync(schema, "{ _service { sdl } }")
        if answer.errors or not answer.data:
            raise NoSchemaError(f"its _service does not answer: {answer.errors[0] if answer.errors else 'no data'}")
        return str(answer.data["_service"]["sdl"])
    types = [t for t in schema.type_map.values() if not is_introspection_type(t) and not is_specified_scalar_type(t)]
    directives = [directive for directive in schema.directives if not is_specified_directive(directive)]
    nodes: list[Node | None] = [*(t.ast_node for t in types), *(directive.ast_node for directive in directives)]
    if None in nodes:
        return print_schema(schema)
    nodes += [schema.ast_node, *schema.extension_ast_nodes, *(node for t in types for node in t.extension_ast_nodes)]
    return "\n\n".join(print_ast(node) for node in nodes if node is not None)


def _describe(error: BaseException, folder: Path) -> str:
    """The error in one line, with the last place in the user's own files."""
    text = " ".join(f"{type(error).__name__}: {error}".split())
    places = [
        f"{frame.filename}:{frame.lineno}"
        for frame in traceback.extract_tb(error.__traceback__)
        if Path(frame.filename).is_relative_to(folder)
    ]
    return f"{text} ({places[-1]})" if places else text


def _files(folder: Path, error: BaseException | None) -> set[Path]:
    """The files below ``folder`` that were imported, and those that an error came from."""
    names = {getattr(module, "__file__", None) for module in list(sys.modules.values())}
    if error is not None:
        names |= {frame.filename for frame in traceback.extract_tb(error.__traceback__)}
        names.add(getattr(error, "filename", None))
    paths = {Path(name).resolve() for name in names if isinstance(name, str)}
    return {path for path in paths if path.is_relative_to(folder) and path.is_file()}


if __name__ == "__main__":
    main(*sys.argv[1:])
    os._exit(0)  # not waiting for threads that the user's module may have started
