import threading

from hypothesis import given
from hypothesis import strategies as st

from desktop_app.io.data.decoding import AHEAD_PER_THREAD, in_order


@given(items=st.lists(st.integers(-5, 100)), threads=st.integers(1, 4))
def test_results_come_in_order_and_failures_are_values(items: list[int], threads: int) -> None:
    def decode(item: int) -> int:
        if item < 0:
            raise ValueError(item)
        return item * 2

    results = list(in_order(decode, items, threads))
    assert [item for item, _, _ in results] == items
    for item, result, seconds in results:
        assert isinstance(result, ValueError) if item < 0 else result == item * 2
        assert seconds >= 0


def test_it_does_not_run_far_ahead_and_leaves_no_thread() -> None:
    started = threading.Semaphore(0)
    results = in_order(lambda item: started.release(), range(1000), 2)
    next(results)
    results.close()
    count = 0
    while started.acquire(blocking=False):
        count += 1
    assert count <= 2 * AHEAD_PER_THREAD + 1
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("decode")]
