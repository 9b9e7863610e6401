from desktop_app.core.judged import Judged, front_of


def test_the_front_rises_in_size_and_holds_equal_ones_once() -> None:
    ones = (
        Judged(0, (0,), bytes=300, latency_ms=3.0, sqnr_db=100.0),
        Judged(1, (1,), bytes=200, latency_ms=3.0, sqnr_db=30.0),
        Judged(2, (2,), bytes=200, latency_ms=3.0, sqnr_db=30.0),
        Judged(3, (3,), bytes=250, latency_ms=3.0, sqnr_db=20.0),
        Judged(4, (4,), bytes=1, latency_ms=0.0, sqnr_db=200.0, failed="it could not be made"),
    )
    assert [one.number for one in front_of(ones)] == [1, 0]
