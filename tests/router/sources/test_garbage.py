"""The garbage collector is left as it was found."""

import gc
import sys
import weakref
from collections.abc import Iterator

import pytest

from router.sources.garbage import beside_requests, collector_paused, settle_memory


@pytest.fixture(autouse=True)
def _nothing_stays_frozen() -> Iterator[None]:
    yield
    gc.unfreeze()


class Cycle:
    def __init__(self) -> None:
        self.self = self


def test_the_collector_rests_while_much_is_built() -> None:
    with collector_paused():
        assert not gc.isenabled()
    assert gc.isenabled()


def test_a_collector_that_rests_is_not_woken() -> None:
    with collector_paused(), collector_paused():
        pass
    with collector_paused():
        with collector_paused():
            pass
        assert not gc.isenabled()


def test_beside_requests_threads_hand_over_more_often() -> None:
    before = sys.getswitchinterval()
    with beside_requests():
        assert sys.getswitchinterval() < before
    assert sys.getswitchinterval() == before


def test_what_was_built_beside_requests_is_left_alone_until_memory_is_settled() -> None:
    with beside_requests():
        cycle = Cycle()
    seen = weakref.ref(cycle)
    del cycle
    gc.collect()
    assert seen() is not None
    settle_memory()
    assert seen() is None


def test_what_could_not_be_built_is_not_kept() -> None:
    before = gc.get_freeze_count()
    with pytest.raises(ValueError, match="broken"), beside_requests():
        raise ValueError("broken")
    assert (gc.isenabled(), gc.get_freeze_count()) == (True, before)
