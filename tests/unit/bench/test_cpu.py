from desktop_app.bench.cpu import Cpu, detect_cpu, parse_cpuinfo, parse_sysctl


def test_zen3_has_avx2_and_saturates() -> None:
    cpu = parse_cpuinfo("processor\t: 0\nmodel name\t: AMD EPYC 7763\nflags\t\t: fpu sse avx avx2 bmi1\n")
    assert cpu == Cpu("AMD EPYC 7763", ("avx2",))
    assert not cpu.exact_int8
    assert cpu.summary == "AVX2, no VNNI"


def test_vnni_in_any_form_is_exact() -> None:
    for flag in ("avx_vnni", "avx512_vnni", "amx_int8"):
        cpu = parse_cpuinfo(f"model name : Xeon\nflags : avx2 {flag}\n")
        assert cpu.exact_int8
        assert flag in cpu.summary


def test_wide_vectors_alone_are_not_exact() -> None:
    assert not parse_cpuinfo("model name : Skylake\nflags : avx2 avx512f avx512bw\n").exact_int8


def test_arm_on_linux() -> None:
    cpu = parse_cpuinfo("processor : 0\nFeatures : fp asimd asimddp\n")
    assert cpu.flags == ("asimd", "asimddp")
    assert cpu.exact_int8


def test_apple_silicon() -> None:
    text = "machdep.cpu.brand_string: Apple M2\nhw.optional.AdvSIMD: 1\nhw.optional.arm.FEAT_DotProd: 1\n"
    assert parse_sysctl(text) == Cpu("Apple M2", ("asimd", "asimddp"))


def test_an_empty_answer_claims_nothing() -> None:
    assert not parse_cpuinfo("").exact_int8
    assert not parse_sysctl("").exact_int8


def test_this_processor_has_a_name() -> None:
    assert detect_cpu().name
