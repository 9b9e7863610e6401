import pytest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QToolButton

from desktop_app.jobs.messages import Failed
from desktop_app.ui.views.message_bar import Message, MessageBar, queued

BAD, WARN = Message("bad", Failed("It broke.")), Message("warn", Failed("Look out."))
GOOD, BETTER = Message("good", Failed("Done.")), Message("good", Failed("Done again."))


@pytest.mark.parametrize(
    ("waiting", "message", "after"),
    [
        ((), BAD, (BAD,)),
        ((BAD,), WARN, (BAD, WARN)),
        ((BAD, WARN), BAD, (WARN, BAD)),
        ((BAD, GOOD), BETTER, (BAD, BETTER)),
        ((GOOD,), BAD, (GOOD, BAD)),
    ],
)
def test_no_message_that_was_not_put_away_is_lost(waiting, message, after):
    assert queued(waiting, message) == after


@pytest.fixture
def bar(qtbot) -> MessageBar:
    made = MessageBar()
    qtbot.addWidget(made)
    return made


def text(bar, name="messageText"):
    return bar.findChild(QLabel, name).text()


def test_a_second_message_waits_until_the_first_is_put_away(bar):
    bar.fail(Failed("It broke.", "line 1"))
    bar.warn(("Look out.",))
    assert text(bar) == "It broke."
    assert text(bar, "messageOthers") == "one more message"
    bar.findChild(QToolButton, "messageClose").click()
    assert text(bar) == "Look out."
    assert not bar.findChild(QPushButton, "messageCopy").isVisible()
    bar.findChild(QToolButton, "messageClose").click()
    assert not bar.isVisible()


def test_details_are_copied_and_the_log_is_shown(bar, qtbot):
    bar.fail(Failed("It broke.", "line 1"))
    bar.findChild(QPushButton, "messageCopy").click()
    assert QApplication.clipboard().text().startswith("It broke.\n\nline 1")
    with qtbot.waitSignal(bar.log_wanted):
        bar.findChild(QPushButton, "messageLog").click()


def test_what_waits_is_shown_once_the_first_is_out_of_date(bar):
    bar.fail(Failed("It broke."))
    bar.fail(Failed("This, too."))
    bar.dismiss()
    assert text(bar) == "This, too."
    other = MessageBar()
    other.recall(bar.memory())
    assert text(other) == "This, too."
