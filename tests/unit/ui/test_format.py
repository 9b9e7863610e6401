from desktop_app.ui import format as fmt


def test_what_is_not_known_is_a_dash():
    assert fmt.milliseconds(None) == fmt.percent(None) == fmt.shape(()) == fmt.UNKNOWN


def test_times_shapes_and_macs():
    assert fmt.milliseconds(9.123) == "9.12 ms"
    assert fmt.milliseconds(0.0831) == "0.083 ms"
    assert fmt.shape((-1, 64, 7)) == "?×64×7"
    assert fmt.macs(569e6) == "569 MMAC"
    assert fmt.macs(12) == "12 MAC"
    assert fmt.duration(125) == "2 min 5 s"
