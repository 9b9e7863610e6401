"""Tests that a dialog hears of its own tasks only, and of none once it is gone."""

from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QDialog

from desktop_app.core.progress import Progress
from desktop_app.jobs.exports import ExportModel
from desktop_app.jobs.measurements import ProfileModel
from desktop_app.jobs.messages import Failed
from desktop_app.ui.following import Following
from desktop_app.ui.work import Task, Work
from tests.unit.ui.hand import Hand

TIMING = Task(ProfileModel("/net.onnx"), "Timing", print, quiet=True)
EXPORT = Task(ExportModel("/run.onnx", "/net.onnx", "/out.onnx", "onnx", "/run"), "Exporting", print)


def follow(dialog: QDialog, work: Work) -> tuple[list[str], list[Progress]]:
    failures: list[str] = []
    events: list[Progress] = []
    Following(dialog, work, lambda task: task is EXPORT, failures.append, events.append)
    return failures, events


def test_a_dialog_hears_of_its_own_tasks_only(qtbot):
    hand, dialog = Hand(), QDialog()
    qtbot.addWidget(dialog)
    work = Work(hand)
    failures, events = follow(dialog, work)
    work.ask(TIMING)
    hand.progress.emit(Progress("profile", 0.5))
    hand.failed.emit(Failed("It cannot be timed."))
    assert (failures, events) == ([], [])
    work.ask(EXPORT)
    hand.progress.emit(Progress("export", 0.5))
    hand.failed.emit(Failed("The disk is full."))
    assert (failures, events) == (["The disk is full."], [Progress("export", 0.5)])


def test_a_dialog_that_is_gone_hears_nothing(qapp):
    hand, dialog = Hand(), QDialog()
    work = Work(hand)
    failures, events = follow(dialog, work)
    dialog.deleteLater()
    QCoreApplication.sendPostedEvents(dialog, QEvent.Type.DeferredDelete)
    work.ask(EXPORT)
    hand.progress.emit(Progress("export", 0.5))
    hand.failed.emit(Failed("The disk is full."))
    assert (failures, events) == ([], [])
