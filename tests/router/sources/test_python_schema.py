"""SDL from Python: what a module may call its schema, and what happens if it cannot be had."""

from collections.abc import Callable
from pathlib import Path

import pytest
import strawberry
from graphql import GraphQLField, GraphQLInt, GraphQLObjectType, GraphQLSchema, build_schema, extend_schema, parse

from router.sources.errors import SourceError
from router.sources.python_child import NoSchemaError, sdl_of
from router.sources.python_schema import PythonSchema, load_python_schema

SDL = "type Query { a: Int }"

Write = Callable[[str, str], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write(name: str, text: str) -> Path:
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
        return path

    return write


async def load(folder: Path, reference: str, *, timeout_seconds: float = 30) -> PythonSchema:
    return await load_python_schema(reference, folder=folder, timeout_seconds=timeout_seconds)


@strawberry.federation.type(keys=["id"])
class Thing:
    id: strawberry.ID


@strawberry.type
class Query:
    thing: Thing


def test_text_is_taken_as_it_is() -> None:
    assert sdl_of(SDL) == SDL


def test_a_function_is_called() -> None:
    assert sdl_of(lambda: SDL) == SDL


def test_a_strawberry_schema_gives_its_federation_directives() -> None:
    sdl = sdl_of(strawberry.federation.Schema(query=Query))
    assert '@key(fields: "id")' in sdl
    assert "specs.apollo.dev/federation" in sdl


def test_a_schema_that_is_a_subgraph_is_asked() -> None:
    schema = build_schema("type Query { _service: _Service! } type _Service { sdl: String! }")
    assert schema.query_type is not None
    schema.query_type.fields["_service"].resolve = lambda *_: {"sdl": SDL}
    assert sdl_of(schema) == SDL


def test_a_schema_that_does_not_answer_as_a_subgraph_is_told() -> None:
    schema = build_schema("type Query { _service: _Service! } type _Service { sdl: String! }")
    with pytest.raises(NoSchemaError, match="its _service does not answer: Cannot return null"):
        sdl_of(schema)


def test_a_schema_that_was_built_from_sdl_keeps_its_directives() -> None:
    schema = build_schema("directive @mine on OBJECT type Query @mine { a: Int }")
    extended = extend_schema(schema, parse("extend type Query @mine { b: Int }"))
    assert "".join(sdl_of(extended).split()) == (
        "typeQuery@mine{a:Int}directive@mineonOBJECTextendtypeQuery@mine{b:Int}"
    )


def test_a_schema_made_of_objects_gives_its_types() -> None:
    schema = GraphQLSchema(GraphQLObjectType("Query", {"a": GraphQLField(GraphQLInt)}))
    assert sdl_of(schema) == "type Query {\n  a: Int\n}"


@pytest.mark.parametrize("value", [None, 3, Query, lambda: lambda: SDL, lambda: None], ids=range(5))
def test_anything_else_is_refused(value: object) -> None:
    with pytest.raises(NoSchemaError, match="expected a Strawberry or graphql-core schema"):
        sdl_of(value)


async def test_a_module_is_imported_from_its_folder(write: Write, tmp_path: Path) -> None:
    package = write("shop/__init__.py", "")
    module = write("shop/schema.py", f"class own:\n    sdl = {SDL!r}")
    found = await load(tmp_path, "shop.schema:own.sdl")
    assert (found.sdl, found.files) == (SDL, (package, module))


async def test_what_a_module_prints_does_no_harm(write: Write, tmp_path: Path) -> None:
    write("loud.py", f"import sys\nprint('noise')\nprint('more', file=sys.stderr)\nsdl = {SDL!r}")
    assert (await load(tmp_path, "loud:sdl")).sdl == SDL


async def test_a_thread_that_a_module_leaves_behind_does_no_harm(write: Write, tmp_path: Path) -> None:
    write("busy.py", f"import threading\nthreading.Thread(target=threading.Event().wait).start()\nsdl = {SDL!r}")
    assert (await load(tmp_path, "busy:sdl")).sdl == SDL


@pytest.mark.parametrize(
    ("text", "reference", "reason"),
    [
        ("", "nowhere:sdl", "there is no module nowhere in "),
        ("", "shop.inner:sdl", "there is no module shop.inner in "),
        ("", "shop:sdl", "shop has no sdl"),
        ("sdl = 3", "shop:sdl", "it is int; expected a Strawberry"),
        ("import nowhere", "shop:sdl", "ModuleNotFoundError: No module named 'nowhere' ("),
        ("\nraise ValueError('two\\nlines')", "shop:sdl", "ValueError: two lines ("),
        ("import sys\nsys.exit(3)", "shop:sdl", "SystemExit: 3 ("),
        ("def", "shop:sdl", "SyntaxError: invalid syntax"),
        ("import os\nos._exit(3)", "shop:sdl", "the interpreter ended with code 3"),
    ],
)
async def test_why_there_is_no_schema(write: Write, tmp_path: Path, text: str, reference: str, reason: str) -> None:
    write("shop.py", text)
    found = await load(tmp_path, reference)
    assert found.sdl is None
    assert found.error.startswith(reason)


async def test_an_error_has_its_place(write: Write, tmp_path: Path) -> None:
    path = write("shop.py", "\nraise ValueError")
    found = await load(tmp_path, "shop:sdl")
    assert found.error == f"ValueError: ({path}:2)"


@pytest.mark.parametrize("text", ["raise ValueError", "def"])
async def test_a_file_that_is_broken_is_among_the_files(write: Write, tmp_path: Path, text: str) -> None:
    path = write("shop.py", text)
    assert (await load(tmp_path, "shop:sdl")).files == (path,)


async def test_a_module_that_takes_too_long_is_stopped(write: Write, tmp_path: Path) -> None:
    write("slow.py", "import threading\nthreading.Event().wait()")
    with pytest.raises(SourceError, match=r"no schema within 0\.05 s"):
        await load(tmp_path, "slow:sdl", timeout_seconds=0.05)
