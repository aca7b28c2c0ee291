import logging

from router.cli.logs import FieldFormatter


def line(**fields: object) -> str:
    record = logging.makeLogRecord({"msg": "subgraph timed out", "levelname": "WARNING", **fields})
    return FieldFormatter().format(record)


def test_the_fields_of_a_record_stand_behind_its_message() -> None:
    assert line(subgraph="users", elapsed_ms=12).endswith("WARNING subgraph timed out subgraph=users elapsed_ms=12")


def test_a_record_without_fields_is_its_message() -> None:
    assert line().endswith("WARNING subgraph timed out")


def test_a_line_break_in_a_field_makes_no_second_line() -> None:
    assert "\n" not in line(detail="one\nERROR two")


def test_a_long_field_is_cut() -> None:
    assert len(line(detail="x" * 10_000)) < 1000
