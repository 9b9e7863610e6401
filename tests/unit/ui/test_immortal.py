import subprocess
import sys
import textwrap


def test_a_program_outlives_many_signals() -> None:
    program = textwrap.dedent("""
        import desktop_app.ui
        from PySide6.QtCore import QObject, Signal

        class Sender(QObject):
            sent = Signal(object)

        sender = Sender()
        sender.sent.connect(lambda _: None)
        for _ in range(100_000):
            sender.sent.emit(1)
    """)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
