from monitor.runtime.inbox import Inbox, Job
from tests.making import probe


def job(calls: int, *, is_bulk: bool = False) -> Job[object]:
    return Job(tuple(probe(n) for n in range(calls)), is_bulk=is_bulk)


def test_what_waits_is_counted_until_it_is_taken() -> None:
    inbox = Inbox()
    inbox.put(job(3))
    bulk = inbox.put(job(4, is_bulk=True))
    counts = [inbox.waiting]
    inbox.take(0)
    counts.append(inbox.waiting)
    inbox.take(0)
    inbox.put_back(bulk)
    counts.append(inbox.waiting)

    assert counts == [7, 4, 4]


def test_the_most_that_waited_is_told_once_and_then_counted_anew() -> None:
    inbox = Inbox()
    inbox.put(job(3))
    inbox.put(job(2))
    inbox.take(0)
    inbox.put(job(1))

    assert [inbox.take_peak(), inbox.take_peak()] == [5, 1]
