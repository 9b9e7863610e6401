import subprocess
import sys
import textwrap

import pytest

from desktop_app.jobs.confinement import EXIT_OUT_OF_MEMORY, LEAST_MEMORY, default_memory_limit


def confined(program: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)], capture_output=True, text=True, check=False, timeout=60
    )


def test_the_limit_is_a_share_of_the_memory() -> None:
    assert default_memory_limit() >= LEAST_MEMORY


@pytest.mark.skipif(sys.platform != "linux", reason="limits of the kernel")
def test_allocations_beyond_the_limit_fail_and_mapped_files_do_not_count(tmp_path) -> None:
    done = confined(f"""
        import mmap
        import numpy as np
        from desktop_app.jobs.confinement import confine
        confine(2**30)
        with open({str(tmp_path / "weights")!r}, "wb+") as file:
            file.truncate(2 * 2**30)
            mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        print(len(mapped))
        try:
            np.empty(2**30 + 1, np.uint8)
        except MemoryError:
            print("refused")
    """)
    assert done.stdout.split() == [str(2 * 2**30), "refused"], done.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="limits of the kernel")
def test_a_lower_limit_of_the_user_stays() -> None:
    done = confined("""
        import resource
        from desktop_app.jobs.confinement import limit_memory
        resource.setrlimit(resource.RLIMIT_DATA, (2**30, 2**30))
        limit_memory(2**31)
        print(resource.getrlimit(resource.RLIMIT_DATA)[0] == 2**30)
    """)
    assert done.stdout.strip() == "True", done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="Windows keeps no such files")
def test_a_crash_leaves_no_image_of_the_memory() -> None:
    done = confined("""
        import resource
        from desktop_app.jobs.confinement import forbid_core_files
        forbid_core_files()
        print(resource.getrlimit(resource.RLIMIT_CORE))
    """)
    assert done.stdout.strip() == "(0, 0)", done.stderr


def test_where_the_system_sets_no_limit_the_process_watches_itself() -> None:
    done = confined("""
        import threading
        from desktop_app.jobs.confinement import watch_memory
        import psutil
        limit = psutil.Process().memory_info().rss + 2**26
        threading.Thread(target=watch_memory, args=(limit, 0.01), daemon=True).start()
        taken = [bytearray(b"x") * 2**27]
        threading.Event().wait(30)
    """)
    assert done.returncode == EXIT_OUT_OF_MEMORY, done.stderr
