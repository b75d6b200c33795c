"""What blocks: in threads of its own, bounded, and waited for no longer than a deadline."""

import asyncio
import threading

import pytest

from monitor.channels.apart import MOST, Apart, StillHanging


def test_what_hangs_is_left_behind_and_only_so_much_of_it_is_begun() -> None:
    release, begun = threading.Event(), []

    def hang() -> None:
        begun.append(threading.current_thread())
        release.wait(30)

    async def run() -> None:
        apart = Apart()
        for _ in range(MOST):
            with pytest.raises(TimeoutError):
                await apart.run(hang, 0.05)
        with pytest.raises(StillHanging):
            await apart.run(hang, 0.05)
        release.set()
        for thread in begun:
            await asyncio.to_thread(thread.join)
        assert await apart.run(lambda: 7, 30.0) == 7

    asyncio.run(run())

    assert [thread.daemon for thread in begun] == [True] * MOST


def test_what_goes_wrong_is_raised_where_it_is_waited_for() -> None:
    def fail() -> None:
        raise LookupError("nothing here")

    with pytest.raises(LookupError, match="nothing here"):
        asyncio.run(Apart().run(fail, 30.0))
