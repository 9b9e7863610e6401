"""The program: the command line, the window, and what this program starts itself as: a worker, a check of a file."""

import multiprocessing
import sys


def main() -> None:
    """Starts what was asked for; imports no more than that needs."""
    multiprocessing.freeze_support()
    arguments = sys.argv[1:]
    if arguments == ["--worker"]:
        from desktop_app.jobs.worker import main as work

        work()
    if arguments[:1] == ["--verify"]:
        from desktop_app.io.verify import main as verify

        sys.exit(verify(arguments[1:]))
    if arguments[:1] == ["--self-test"]:
        from desktop_app.self_test.main import main as test

        sys.exit(test(arguments[1:]))
    if arguments == ["--version"]:
        from desktop_app import __version__

        sys.stdout.write(f"{__version__}\n")
        return
    from desktop_app.opening import open_window, wants_window

    if wants_window(arguments):
        sys.exit(open_window(arguments))
    from desktop_app.cli import main as command_line

    command_line()


if __name__ == "__main__":
    main()
