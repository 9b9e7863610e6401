from desktop_app.ui.views.labels import breakable, unbroken


def test_long_names_break_after_dots_and_underscores_and_numbers_do_not():
    assert breakable("block_a.conv/x").split("\u200b") == ["block_", "a.", "conv/x"]
    assert breakable("2.00 MB. Done") == "2.00 MB. Done"


def test_no_line_ends_between_a_number_and_its_unit():
    lines = unbroken("277 kB, 100.0 % the same answers, 47.8 dB in 60 candidates [0.98, 1.00]; 2 min 5 s left").split(
        " "
    )
    assert lines == [
        *("277\u00a0kB,", "100.0\u00a0%", "the", "same", "answers,", "47.8\u00a0dB", "in", "60", "candidates"),
        *("[0.98,\u00a01.00];", "2\u00a0min", "5\u00a0s", "left"),
    ]
