"""What this processor is, and whether it multiplies 8-bit integers without overflow."""

import platform
import subprocess
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

X86_FLAGS = ("avx2", "avx_vnni", "avx_vnni_int8", "avx512f", "avx512_vnni", "amx_int8")
ARM_FLAGS = ("asimd", "asimddp", "i8mm", "sve")
EXACT_FLAGS = frozenset({"avx_vnni", "avx512_vnni", "amx_int8", "asimd", "asimddp", "i8mm"})
"""Instruction sets that add products of 8-bit integers in 32 bits; AVX2 alone adds pairs of them in 16."""


@dataclass(frozen=True)
class Cpu:
    """A processor: its name, and those of its instruction sets that matter to quantised models."""

    name: str
    flags: tuple[str, ...]

    @property
    def exact_int8(self) -> bool:
        """Whether products of u8 and s8 never saturate; false also where it cannot be told."""
        return not EXACT_FLAGS.isdisjoint(self.flags)

    @property
    def summary(self) -> str:
        """One line for the user, like "AVX2, no VNNI"."""
        if self.exact_int8:
            return "int8 exact: " + ", ".join(flag for flag in self.flags if flag in EXACT_FLAGS)
        return ("AVX2, " if "avx2" in self.flags else "") + "no VNNI"


@lru_cache(maxsize=1)
def detect_cpu() -> Cpu:
    """The processor at hand, by the operating system's own account; flags are empty where it gives none."""
    system = platform.system()
    if system == "Linux":
        return parse_cpuinfo(_read(Path("/proc/cpuinfo")))
    if system == "Darwin":
        return parse_sysctl(_sysctl())
    return Cpu(platform.processor() or platform.machine(), _flags_by_machine(platform.machine()))


def parse_cpuinfo(text: str) -> Cpu:
    """Reads Linux's /proc/cpuinfo: `flags` on x86, `Features` on ARM."""
    fields: dict[str, str] = {}
    for line in text.splitlines():
        key, _, value = line.partition(":")
        fields.setdefault(key.strip(), value.strip())
    present = set(fields.get("flags", fields.get("Features", "")).split())
    flags = tuple(flag for flag in (*X86_FLAGS, *ARM_FLAGS) if flag in present)
    return Cpu(fields.get("model name") or platform.machine(), flags)


def parse_sysctl(text: str) -> Cpu:
    """Reads macOS's `sysctl machdep.cpu hw.optional`: lines of `key: value`."""
    fields = dict(line.split(": ", 1) for line in text.splitlines() if ": " in line)
    names = {
        "hw.optional.avx2_0": "avx2",
        "hw.optional.avx512f": "avx512f",
        "hw.optional.avx512vnni": "avx512_vnni",
        "hw.optional.AdvSIMD": "asimd",
        "hw.optional.arm.FEAT_DotProd": "asimddp",
        "hw.optional.arm.FEAT_I8MM": "i8mm",
    }
    flags = tuple(flag for key, flag in names.items() if fields.get(key) == "1")
    return Cpu(fields.get("machdep.cpu.brand_string", platform.machine()), flags)


def _flags_by_machine(machine: str) -> tuple[str, ...]:
    """What every processor of the architecture has; on x86 nothing is certain without asking the processor itself."""
    return ("asimd",) if machine.lower() in ("arm64", "aarch64") else ()


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def _sysctl() -> str:
    try:
        command = ["/usr/sbin/sysctl", "machdep.cpu", "hw.optional"]
        return subprocess.run(command, capture_output=True, text=True, timeout=5, check=False).stdout
    except (OSError, subprocess.SubprocessError):
        return ""
