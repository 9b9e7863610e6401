import pytest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QToolButton

from desktop_app.jobs.messages import Failed
from desktop_app.ui.views.message_bar import Message, MessageBar, stacked

BAD, WARN = Message("bad", Failed("It broke.")), Message("warn", Failed("Look out."))
GOOD, BETTER = Message("good", Failed("Done.")), Message("good", Failed("Done again."))


@pytest.mark.parametrize(
    ("waiting", "message", "after"),
    [
        ((), BAD, (BAD,)),
        ((BAD,), WARN, (BAD, WARN)),
        ((BAD, WARN), BAD, (WARN, BAD)),
        ((BAD, GOOD), BETTER, (BAD, BETTER)),
        ((GOOD,), BAD, (BAD,)),
    ],
)
def test_no_message_that_was_not_put_away_is_lost(waiting, message, after):
    assert stacked(waiting, message) == after


@pytest.fixture
def bar(qtbot) -> MessageBar:
    made = MessageBar()
    qtbot.addWidget(made)
    return made


def text(bar, name="messageText"):
    return bar.findChild(QLabel, name).text()


def test_a_second_message_covers_the_first_until_it_is_put_away(bar):
    bar.fail(Failed("It broke.", "line 1"))
    bar.warn(("Look out.",))
    assert text(bar) == "Look out."
    assert not bar.findChild(QPushButton, "messageCopy").isVisible()
    assert text(bar, "messageOthers") == "one earlier message"
    bar.findChild(QToolButton, "messageClose").click()
    assert text(bar) == "It broke."
    bar.findChild(QToolButton, "messageClose").click()
    assert not bar.isVisible()


def test_details_are_copied_and_the_log_is_shown(bar, qtbot):
    bar.fail(Failed("It broke.", "line 1"))
    bar.findChild(QPushButton, "messageCopy").click()
    assert QApplication.clipboard().text().startswith("It broke.\n\nline 1")
    with qtbot.waitSignal(bar.log_wanted):
        bar.findChild(QPushButton, "messageLog").click()


def test_what_stands_behind_comes_up_once_the_newest_is_out_of_date(bar):
    bar.fail(Failed("It broke."))
    bar.fail(Failed("This, too."))
    other = MessageBar()
    other.recall(bar.memory())
    assert text(other) == "This, too."
    other.dismiss()
    assert text(other) == "It broke."
