"""The kernels and the name tables: against a byte loop, in C; and how a kernel is chosen.

`kernels_check.c` is built in every way that there is a compiler for: plain, under sanitizers,
without intrinsics, and for AArch64, so that the NEON kernel runs too, under an emulator.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from fuzz.names import ROOT, WIRE, write_headers

tokenizer = pytest.importorskip(
    "sipfast._native.wire.tokenizer", reason="the native engine is not built here"
)

CHECK = Path(__file__).with_name("kernels_check.c")
STRICT = ["-std=gnu11", "-Wall", "-Wextra", "-Werror"]
SANITIZED = ["-O1", "-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=all"]
BUILDS = {
    "optimised": ["-O2"],
    "as the engine": ["-O3", "-fno-tree-slp-vectorize"],
    "without intrinsics": ["-O2", "-DWITHOUT_INTRINSICS"],
    "without builtins": ["-O2", "-DWITHOUT_INTRINSICS", "-DWITHOUT_BUILTINS"],
    "sanitized": SANITIZED,
}
AARCH64_COMPILER = "aarch64-linux-gnu-gcc"
AARCH64_EMULATOR = "qemu-aarch64"

every_compiler = pytest.mark.parametrize("compiler", ["cc", "clang"])
every_kernel = pytest.mark.parametrize("kernel", tokenizer.kernels())


@pytest.fixture(scope="module")
def includes(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The compiler's options to find the kernels, the tables and the known names."""
    return write_headers(tmp_path_factory.mktemp("headers"))


def tool(name: str, package: str) -> str:
    """Where a program is; the test is skipped, and says why, where it is not."""
    path = shutil.which(name)
    if path is None:
        pytest.skip(f"there is no {name} here (on Debian: apt-get install {package})")
    return path


def build(compiler: str, options: list[str], source: Path, output: Path) -> Path:
    command = [compiler, *STRICT, *options, "-o", str(output), str(source)]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return output


def run(*command: str) -> subprocess.CompletedProcess[str]:
    """Run a built check, without the sanitizers that may be loaded into this process."""
    kept = {name: value for name, value in os.environ.items() if name != "LD_PRELOAD"}
    return subprocess.run(
        command, check=False, capture_output=True, text=True, env=kept, timeout=300
    )


def run_check(*command: str) -> list[str]:
    """Run a built check and return the kernels that it compared with the byte loop."""
    done = run(*command)
    assert done.returncode == 0, done.stderr
    kernels, found, rest = done.stdout.partition("agree with the byte loop\n")
    assert found
    assert not rest
    return kernels.split()


def has_sanitizers(compiler: str, folder: Path) -> bool:
    source = folder / "empty.c"
    source.write_text("int main(void) { return 0; }\n")
    command = [compiler, *SANITIZED, "-o", str(folder / "empty"), str(source)]
    return subprocess.run(command, check=False, capture_output=True, timeout=120).returncode == 0


# ---- in C ---------------------------------------------------------------------------------------


@every_compiler
@pytest.mark.parametrize("options", BUILDS.values(), ids=BUILDS)
def test_kernels_and_names_agree_with_a_byte_loop(
    compiler: str, options: list[str], includes: list[str], tmp_path: Path
) -> None:
    path = tool(compiler, "gcc" if compiler == "cc" else compiler)
    if options is SANITIZED and not has_sanitizers(path, tmp_path):
        pytest.skip(f"this {compiler} has no AddressSanitizer or UndefinedBehaviorSanitizer")
    kernels = run_check(str(build(path, [*options, *includes], CHECK, tmp_path / "check")))
    expected = ["scalar"] if "-DWITHOUT_INTRINSICS" in options else tokenizer.kernels()
    assert kernels == expected


def test_another_seed_agrees_too(includes: list[str], tmp_path: Path) -> None:
    program = build(tool("cc", "gcc"), ["-O2", *includes], CHECK, tmp_path / "check")
    assert run_check(str(program), "20261123") == tokenizer.kernels()


def test_neon_agrees_with_a_byte_loop(includes: list[str], tmp_path: Path) -> None:
    compiler = tool(AARCH64_COMPILER, "gcc-aarch64-linux-gnu libc6-dev-arm64-cross")
    emulator = tool(AARCH64_EMULATOR, "qemu-user")
    program = build(compiler, ["-O2", "-static", *includes], CHECK, tmp_path / "check")
    assert run_check(emulator, str(program)) == ["neon", "scalar"]


FOLD_ALL = "sip_joined(key, sip_sought_of(&(sip_key){~0u / 255 * 32, ~0u / 255 * 32}))"
BROKEN = {
    "reads past the end": ("kernels.h", "base = size - 64;", "base = at;"),
    "forgets a CR between blocks": ("kernels.h", "after_cr = block.cr >> 63;", "after_cr = 0;"),
    "counts a byte twice": ("kernels.h", "fresh <<= at - base;", ";"),
    "folds what is no letter": ("names.h", "sip_joined(key, sip_sought_of(&row->fold))", FOLD_ALL),
    "compares 16 bytes only": ("names.h", "SIP_UNLIKELY(n > 15) &&", "0 &&"),
    "reads a name too far": ("names.h", "n > 15 ? 0 : sip_find_key", "sip_find_key"),
}


@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN)
def test_the_check_finds_a_broken_kernel(
    broken: tuple[str, str, str], includes: list[str], tmp_path: Path
) -> None:
    file, right, wrong = broken
    for name in ("kernels.h", "names.h"):
        shutil.copy(WIRE / name, tmp_path)
    shutil.copy(Path(includes[0].removeprefix("-I")) / "tables.h", tmp_path)
    text = (tmp_path / file).read_text()
    assert right in text, "the kernels changed: break them in another way"
    (tmp_path / file).write_text(text.replace(right, wrong))
    options = ["-O2", "-Wno-error", f"-I{tmp_path}", *includes]
    program = build(tool("cc", "gcc"), options, CHECK, tmp_path / "check")
    assert run(str(program)).returncode < 0


# ---- the choice ---------------------------------------------------------------------------------


def in_new_process(program: str, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SIPFAST_")}
    return subprocess.run(
        [sys.executable, "-c", program],
        check=False,
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**kept, **environment},
        timeout=60,
    )


PROGRAM = """
import sipfast
message = sipfast.parse(b"OPTIONS sip:a SIP/2.0\\r\\nVia: x\\r\\n" + b"v: y\\r\\n" * 30 + b"\\r\\n")
print(sipfast.engine, sipfast.kernel, len(message.headers.getall("Via")))
"""


@every_kernel
def test_environment_forces_a_kernel(kernel: str) -> None:
    done = in_new_process(PROGRAM, SIPFAST_FORCE_KERNEL=kernel)
    assert done.stdout.split() == ["native", kernel, "31"], done.stderr


def test_without_it_the_best_kernel_is_used() -> None:
    assert in_new_process(PROGRAM).stdout.split() == ["native", tokenizer.kernels()[0], "31"]
    assert in_new_process(PROGRAM, SIPFAST_FORCE_KERNEL="").stdout.split()[1] != ""


def test_environment_with_an_unknown_kernel_is_a_clear_error() -> None:
    done = in_new_process(PROGRAM, SIPFAST_FORCE_KERNEL="mmx")
    assert done.returncode == 1
    message = done.stderr.splitlines()[-1]
    assert message.startswith("ValueError: ")
    assert "'mmx'" in message
    for kernel in tokenizer.kernels():
        assert kernel in message


def test_pure_engine_has_no_kernel() -> None:
    done = in_new_process(PROGRAM, SIPFAST_PURE="1", SIPFAST_FORCE_KERNEL="scalar")
    assert done.stdout.split() == ["pure", "None", "31"], done.stderr


@every_kernel
def test_kernel_can_be_changed_while_running(kernel: str) -> None:
    before = tokenizer.kernel()
    try:
        tokenizer.use_kernel(kernel)
        assert tokenizer.kernel() == kernel
    finally:
        tokenizer.use_kernel(before)
    assert tokenizer.kernel() == before


@pytest.mark.parametrize("name", ["", "mmx", "AVX2", "scalar "])
def test_kernel_that_is_not_here_changes_nothing(name: str) -> None:
    before = tokenizer.kernel()
    with pytest.raises(ValueError, match=re.escape(f"no kernel {name!r}")):
        tokenizer.use_kernel(name)
    assert tokenizer.kernel() == before


def test_kernels_are_known_and_end_with_the_scalar_one() -> None:
    kernels = tokenizer.kernels()
    assert kernels[-1] == "scalar"
    assert len(set(kernels)) == len(kernels)
    assert set(kernels) <= {"avx512", "avx2", "sse2", "neon", "scalar"}


def test_build_does_not_ask_for_this_machine_only() -> None:
    build_files = [*ROOT.glob("*.py"), *ROOT.glob("*.toml"), *ROOT.glob("Makefile")]
    assert ROOT / "setup.py" in build_files
    for path in build_files:
        assert not re.search(r"-m(arch|cpu|tune)\b", path.read_text()), path.name
