from desktop_app.ui.views.labels import breakable


def test_long_names_break_after_dots_and_underscores_and_numbers_do_not():
    assert breakable("block_a.conv/x").split("\u200b") == ["block_", "a.", "conv/x"]
    assert breakable("2.00 MB. Done") == "2.00 MB. Done"
