"""Plans that rename keys of answers. Ours do not; such plans come from elsewhere."""

import json
from dataclasses import replace

import pytest

from router.executor import FetchAnswer, FetchRequest, PlanRun, compile_program, run_sync
from router.executor.compiled.compiled_plan import compile_plan
from router.executor.compiled.places import NotCompilableError
from router.executor.program import Program
from router.executor.rename import rename_keys, rename_path
from supergraph import Subgraph, compose, plan, prepare, read_supergraph
from supergraph.plan import KeyRename, Step

COMPOSED = compose([Subgraph("a", "http://a", "type Query { items: [Item] } type Item { name: String }")])
assert COMPOSED.sdl is not None
GRAPH = read_supergraph(COMPOSED.sdl)
ITEMS = (Step("items"), Step(None, ("Item",)))
RENAME = KeyRename(path=ITEMS, key="name__0", renamed="name")


def renamed(data: dict[str, object], *renames: KeyRename) -> dict[str, object]:
    rename_keys(data, renames)
    return data


def test_a_key_gets_the_name_that_it_is_stored_under() -> None:
    assert renamed({"items": [{"name__0": "a"}, None, {"name__0": None}]}, RENAME) == {
        "items": [{"name": "a"}, None, {"name": None}]
    }


def test_only_objects_of_the_guarded_types_are_changed() -> None:
    data: dict[str, object] = {
        "items": [{"__typename": "Other", "name__0": "a"}, {"__typename": "Item", "name__0": "b"}]
    }
    assert renamed(data, RENAME)["items"] == [
        {"__typename": "Other", "name__0": "a"},
        {"__typename": "Item", "name": "b"},
    ]


def test_a_key_that_is_there_already_is_not_overwritten() -> None:
    assert renamed({"items": [{"name__0": "a", "name": "b"}]}, RENAME) == {"items": [{"name__0": "a", "name": "b"}]}


@pytest.mark.parametrize("data", [{}, {"items": None}, {"items": "text"}, {"items": [7, [{}]]}])
def test_what_is_not_there_is_not_renamed(data: dict[str, object]) -> None:
    assert renamed(json.loads(json.dumps(data)), RENAME) == data


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (("items", 0, "name__0"), ("items", 0, "name")),
        (("items", 0, "name__0", 1), ("items", 0, "name", 1)),
        (("items", 0), ("items", 0)),
        (("others", 0, "name__0"), ("others", 0, "name__0")),
        (("items", 0, "other"), ("items", 0, "other")),
        ((), ()),
    ],
)
def test_paths_of_errors_get_the_same_names(path: tuple[str | int, ...], expected: tuple[str | int, ...]) -> None:
    assert rename_path(path, (RENAME,)) == expected


def program() -> Program:
    operation = prepare(GRAPH, "{ items { name } }")
    made = plan(GRAPH, operation)
    (fetch,) = made.fetches
    return compile_program(GRAPH, operation, replace(made, fetches=(replace(fetch, renames=(RENAME,)),)))


def test_the_response_has_the_values_and_the_errors_at_their_places() -> None:
    def send(_: FetchRequest) -> FetchAnswer:
        answer = {
            "data": {"items": [{"name__0": "a"}, {"name__0": None}]},
            "errors": [{"message": "no", "path": ["items", 1, "name__0"]}],
        }
        return FetchAnswer(200, "application/json", json.dumps(answer).encode())

    result = run_sync(PlanRun(program(), {}), send)
    assert json.loads(result.data) == {"items": [{"name": "a"}, {"name": None}]}
    assert [error["path"] for error in result.errors] == [["items", 1, "name"]]


def test_such_a_plan_is_left_to_the_interpreter() -> None:
    with pytest.raises(NotCompilableError, match="renamed"):
        compile_plan(program(), 0)


def test_the_plan_is_shown_with_its_renames() -> None:
    made = plan(GRAPH, prepare(GRAPH, "{ items { name } }"))
    (fetch,) = made.fetches
    node = replace(made.node, fetch=replace(fetch, renames=(RENAME,)))  # type: ignore[type-var] # a fetch alone
    assert replace(made, node=node).to_json()["node"]["outputRewrites"] == [  # type: ignore[index] # JSON
        {"kind": "KeyRenamer", "path": ["items", "@|[Item]", "name__0"], "renameKeyTo": "name"}
    ]
