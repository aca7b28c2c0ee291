"""How many workers there are by default."""

from pathlib import Path

import pytest

from router.cores import available_cores


@pytest.mark.parametrize("text", [None, "", "max 100000\n", "many"])
def test_without_a_quota_each_core_counts(tmp_path: Path, text: str | None) -> None:
    quota = tmp_path / "cpu.max"
    if text is not None:
        quota.write_text(text)
    assert available_cores(quota) == available_cores(tmp_path / "nothing") >= 1


@pytest.mark.parametrize("text", ["100000 100000\n", "50000 100000\n", "1000 100000\n"])
def test_a_container_that_pays_for_one_core_gets_one_worker(tmp_path: Path, text: str) -> None:
    quota = tmp_path / "cpu.max"
    quota.write_text(text)
    assert available_cores(quota) == 1


def test_a_quota_gives_no_more_than_there_is(tmp_path: Path) -> None:
    quota = tmp_path / "cpu.max"
    quota.write_text("100000000 100000\n")
    assert available_cores(quota) == available_cores(tmp_path / "nothing")
