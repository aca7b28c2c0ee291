import asyncio

import pytest

from router.http.time_limit import TimeLimits


class TooLateError(Exception):
    pass


async def wait_for_ever() -> None:
    await asyncio.Event().wait()


async def test_what_is_in_time_is_not_disturbed() -> None:
    with TimeLimits(60, TooLateError)():
        done = await asyncio.sleep(0, "done")
    assert done == "done"


async def test_what_takes_too_long_is_cancelled_and_raises_the_error() -> None:
    with pytest.raises(TooLateError) as caught, TimeLimits(0.0, TooLateError)():
        await wait_for_ever()
    assert isinstance(caught.value.__cause__, asyncio.CancelledError)


async def test_the_task_goes_on_after_a_limit() -> None:
    with pytest.raises(TooLateError), TimeLimits(0.0, TooLateError)():
        await wait_for_ever()
    task = asyncio.current_task()
    assert task is not None
    assert task.cancelling() == 0
    await asyncio.sleep(0)


async def test_an_error_in_time_is_passed_on() -> None:
    with pytest.raises(ValueError, match="mine"), TimeLimits(60, TooLateError)():
        raise ValueError("mine")


async def test_an_error_on_the_way_out_is_passed_on() -> None:
    async def fail() -> None:
        try:
            await wait_for_ever()
        finally:
            raise ValueError("mine")

    with pytest.raises(ValueError, match="mine"), TimeLimits(0.0, TooLateError)():
        await fail()


async def test_a_block_that_ends_well_in_spite_of_the_limit_has_ended_well() -> None:
    with TimeLimits(0.0, TooLateError)():
        try:
            await wait_for_ever()
        except asyncio.CancelledError:
            done = True
    task = asyncio.current_task()
    assert task is not None
    assert (done, task.cancelling()) == (True, 0)


async def test_being_cancelled_by_somebody_else_is_not_the_limit() -> None:
    async def limited() -> None:
        with TimeLimits(60, TooLateError)():
            await wait_for_ever()

    task = asyncio.ensure_future(limited())
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_being_cancelled_by_somebody_else_at_the_same_time_wins() -> None:
    expired = asyncio.Event()

    async def limited() -> None:
        with TimeLimits(0.0, TooLateError)():
            try:
                await wait_for_ever()
            finally:
                expired.set()
                await asyncio.sleep(0)

    task = asyncio.ensure_future(limited())
    await expired.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_limits_may_be_nested() -> None:
    outer = TimeLimits(0.0, lambda: TooLateError("outer"))()
    inner = TimeLimits(60, lambda: TooLateError("inner"))()
    with pytest.raises(TooLateError, match="outer"), outer, inner:
        await wait_for_ever()


async def test_limits_of_one_length_end_one_after_the_other() -> None:
    limits = TimeLimits(0.001, TooLateError)

    async def limited() -> None:
        with limits():
            await wait_for_ever()

    with pytest.raises(TooLateError):
        await limited()
    first, second = asyncio.ensure_future(limited()), asyncio.ensure_future(limited())
    await asyncio.wait([first, second])
    assert isinstance(first.exception(), TooLateError)
    assert isinstance(second.exception(), TooLateError)


async def test_a_timer_that_comes_too_early_ends_nothing() -> None:
    limits = TimeLimits(60, TooLateError)
    with limits():
        limits._look(asyncio.get_running_loop())
        done = await asyncio.sleep(0, "done")
    assert done == "done"
