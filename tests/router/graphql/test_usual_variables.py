"""Values of variables that are taken as they are, are those that coercion would give."""

import math
from dataclasses import replace

import pytest

from router.graphql.variables import coerce_variables, usual_values
from supergraph import Operation, prepare
from supergraph.errors import OperationError
from supergraph.operation.model import Lifted, VariableDefinition
from tests.lifted_stage import example

TYPES = ("ID", "String", "Boolean", "Int", "Float", "Color", "Date", "In", "[Int]")
VALUES: tuple[object, ...] = (
    "a",
    "",
    "RED",
    "7",
    7,
    0,
    -1,
    2**31 - 1,
    -(2**31),
    2**31,
    2**70,
    1.0,
    1.5,
    math.inf,
    True,
    False,
    None,
    [1],
    {},
)
ARGUMENTS = ("id", "s", "b", "i", "x", "c", "d", "n", "l")
FIELD_OF = dict(zip(TYPES, ARGUMENTS, strict=True))


def operation_with(declaration: str, name: str) -> Operation:
    return prepare(example(), f"query ($v: {declaration}) {{ echo({FIELD_OF[name]}: $v) }}")


def coerced(operation: Operation, given: dict[str, object]) -> object:
    """What graphql-core makes of the values, with the types of these values; ``None`` if it refuses them."""
    try:
        values = coerce_variables(example().api_schema, operation, given, hide_suggestions=False)
    except OperationError:
        return None
    return [(name, type(value), value) for name, value in values.items()]


@pytest.mark.parametrize("mark", ["", "!"])
@pytest.mark.parametrize("name", TYPES)
def test_what_is_taken_as_it_is_is_what_coercion_gives(name: str, mark: str) -> None:
    operation = operation_with(name + mark, name)
    for value in VALUES:
        usual = usual_values(operation, {"v": value})
        if usual is not None:
            assert [(key, type(each), each) for key, each in usual.items()] == coerced(operation, {"v": value})


@pytest.mark.parametrize(("name", "value"), [("ID", "7"), ("String", ""), ("Boolean", False), ("Int", -(2**31))])
def test_built_in_scalars_are_taken_as_they_are(name: str, value: object) -> None:
    for declaration in (name, f"{name}!"):
        assert usual_values(operation_with(declaration, name), {"v": value}) == {"v": value}


@pytest.mark.parametrize(
    ("name", "value"), [("ID", 7), ("Int", 7.0), ("Int", True), ("Int", 2**31), ("Float", 1), ("String", None)]
)
def test_what_has_to_be_coerced_or_refused_is_left_to_coercion(name: str, value: object) -> None:
    assert usual_values(operation_with(name, name), {"v": value}) is None


def test_a_variable_without_a_value_is_left_to_coercion() -> None:
    assert usual_values(operation_with("Int = 3", "Int"), {}) is None
    assert usual_values(operation_with("Int", "Int"), {}) is None


def test_values_that_nobody_declared_are_dropped() -> None:
    assert usual_values(operation_with("Int", "Int"), {"w": 1, "v": 2}) == {"v": 2}
    assert usual_values(prepare(example(), "{ echo }"), {"v": 2}) == {}


def test_an_operation_of_a_template_gets_its_own_values_whatever_the_client_sends() -> None:
    operation = operation_with("Int", "Int")
    lifted = Lifted(document="", key="", values={"ours": 5}, aliases=())
    declared = (*operation.variables, VariableDefinition("ours", "Int!"))
    filled = replace(operation, variables=declared, lifted=lifted)
    for given in ({"v": 1}, {"v": 1, "ours": 4}, {"v": 1, "ours": "x"}):
        assert usual_values(filled, given) == {"v": 1, "ours": 5}
        assert coerced(filled, dict(given)) == [("v", int, 1), ("ours", int, 5)]
    alone = replace(prepare(example(), "{ echo }"), variables=declared[1:], lifted=lifted)
    assert usual_values(alone, {"ours": 4}) == {"ours": 5}
