from desktop_app.ui.views.count_box import CountBox


def test_the_word_follows_the_number_also_while_nobody_hears_of_it(qtbot):
    box = CountBox(" batch", " batches")
    qtbot.addWidget(box)
    box.setRange(1, 100)
    assert box.text() == "1 batch"
    box.blockSignals(True)
    box.setValue(30)
    box.blockSignals(False)
    assert box.text() == "30 batches"
