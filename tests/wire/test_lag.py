import asyncio
import time

from monitor.wire.lag import LoopLag, Watch


async def watch_two() -> tuple[Watch, Watch]:
    """A watch that ends while another, which began before it and as well, goes on."""
    lag = LoopLag()
    with lag.watch() as long:
        with lag.watch() as short:
            long.worst_s = short.worst_s = 0.0
        await asyncio.sleep(0)
        time.sleep(0.1)  # noqa: ASYNC251 - it is the loop that has to be late
    await lag.close()
    return long, short


def test_a_watch_that_ends_leaves_an_equal_one_on() -> None:
    long, short = asyncio.run(watch_two())

    assert long.worst_s > 0.05 > short.worst_s
