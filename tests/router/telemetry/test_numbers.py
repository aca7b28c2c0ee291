"""Series in memory that processes share."""

import logging

import pytest

from router.telemetry.numbers import LARGEST_SERIES, Numbers, new_memory

KILOBYTE = 1024


def test_a_series_keeps_its_place() -> None:
    numbers = Numbers(new_memory(KILOBYTE))
    first = numbers.locate("requests", ("a",), 3)
    second = numbers.locate("requests", ("b",), 3)
    assert second == first + 3
    assert numbers.locate("requests", ("a",), 3) == first


def test_another_process_sees_what_was_counted() -> None:
    memory = new_memory(KILOBYTE)
    writer, reader = Numbers(memory), Numbers(memory)
    writer.cells[writer.locate("requests", ("a", "ü\ud800"), 1)] += 2
    (series,) = reader.series("requests").items()
    assert (series[0], reader.cells[series[1]]) == (("a", "ü\ud800"), 2.0)


def test_series_that_come_later_are_seen_too() -> None:
    memory = new_memory(KILOBYTE)
    writer, reader = Numbers(memory), Numbers(memory)
    writer.locate("requests", ("a",), 1)
    assert set(reader.series("requests")) == {("a",)}
    writer.locate("requests", ("b",), 1)
    assert set(reader.series("requests")) == {("a",), ("b",)}


def test_who_takes_the_memory_over_goes_on_counting() -> None:
    memory = new_memory(KILOBYTE)
    before = Numbers(memory)
    before.cells[before.locate("requests", (), 1)] += 5
    after = Numbers(memory)
    after.cells[after.locate("requests", (), 1)] += 1
    assert before.cells[before.locate("requests", (), 1)] == 6


def test_series_beyond_the_memory_disturb_no_others(caplog: pytest.LogCaptureFixture) -> None:
    numbers = Numbers(new_memory(KILOBYTE))
    with caplog.at_level(logging.ERROR):
        places = [numbers.locate("requests", (str(number),), 2) for number in range(100)]
    kept = [place for place in places if place >= LARGEST_SERIES]
    assert 0 < len(kept) < 100
    assert len(set(kept)) == len(kept)
    assert set(places[len(kept) :]) == {0}
    assert [record.message for record in caplog.records] == ["too many metric series, new ones are not counted"]
    assert max(kept) + 2 <= len(numbers.cells)
