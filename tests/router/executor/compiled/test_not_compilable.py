"""What is left to the interpreter from the beginning."""

import pytest

from router.executor.compiled.compiled_plan import compile_plan
from router.executor.compiled.places import NotCompilableError
from tests.compiled_programs import program_of


def test_introspection_is_interpreted() -> None:
    with pytest.raises(NotCompilableError, match="introspection"):
        compile_plan(program_of("{ __schema { queryType { name } } products { id } }"), 0)


def test_a_withheld_field_that_may_not_be_null_is_interpreted() -> None:
    program = program_of("{ products { name id } }", without="{ products { id } }", withheld="name")

    with pytest.raises(NotCompilableError, match="may not be null"):
        compile_plan(program, 0)


def test_a_field_that_nobody_fetches_is_interpreted() -> None:
    program = program_of("{ products { name id } }", without="{ products { id } }")

    with pytest.raises(NotCompilableError, match="nobody fetches name"):
        compile_plan(program, 0)


def test_a_huge_operation_is_interpreted() -> None:
    fields = " ".join(f"a{number}: id" for number in range(3001))

    with pytest.raises(NotCompilableError, match="more than 3000"):
        compile_plan(program_of(f"{{ products {{ {fields} }} }}"), 0)
