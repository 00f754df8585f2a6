#!/usr/bin/env python3
"""Tests the C++ package as its users get it: installs it, builds the examples against it, and runs them.

    test_cpp_package.py [--sanitized] [BUILD_DIRECTORY]

The examples are built in four ways: with CMake's find_package(), with pkg-config, with add_subdirectory(), and against
a shared library. This compiles the library up to three times, which takes minutes.

With --sanitized, the library of build/asan is installed, and nothing of it is compiled. The examples are built with
find_package() and pkg-config, and run under the same sanitizers. `make test` does this.

Everything is below BUILD_DIRECTORY (default build/package). What was compiled there before is not compiled again.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tarfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
EXAMPLES = ROOT / "examples" / "cpp"
RUNNABLE = ["stream_file", "print_schema", "own_source", "arrow_stream", "write_file"]
JOBS = str(len(os.sched_getaffinity(0)))

# pip asks a build backend for metadata before it keeps a source package. The real one would compile for minutes.
BACKEND = """
from pathlib import Path

def prepare_metadata_for_build_wheel(directory, config_settings=None):
    info = Path(directory, "nanoarrow-0.9.0.dist-info")
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\\nName: nanoarrow\\nVersion: 0.9.0\\n")
    return info.name
"""

SCHEMA = """codec: zstandard
bytes: SIZE
rows: 100000
metadata: written.by = write_file
schema: {"type":"record","name":"Trip","namespace":"com.example.bikes","fields":[\
{"name":"trip_id","type":"long"},\
{"name":"started_at","type":{"type":"long","logicalType":"timestamp-micros"}},\
{"name":"station","type":"string"},\
{"name":"duration_s","type":"int"},\
{"name":"distance_km","type":["null","double"]}]}
columns:
  trip_id: l
  started_at: tsu:UTC
  station: vu
  duration_s: i
  distance_km: g, nullable
"""
STREAMED = "200000 rows, distance_km: 1411787.2\n"


class CheckError(Exception):
    """A check that does not hold."""


def run(*command: str | Path, cwd: Path | None = None, env: dict[str, str] | None = None) -> str:
    """Run a command that must succeed, and return its output."""
    done = subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True)
    if done.returncode != 0:
        raise CheckError(f"{' '.join(map(str, command))} failed:\n{done.stdout}{done.stderr}")
    return done.stdout


def check_equal(found: object, expected: object, what: str) -> None:
    if found != expected:
        raise CheckError(f"{what}:\n{found}\nexpected:\n{expected}")


def check_fails(message: str, *command: str | Path) -> None:
    """Check that an example ends with exit code 1 and one line on stderr that matches the pattern `message`."""
    done = subprocess.run(command, capture_output=True, text=True)
    last = done.stderr.rstrip("\n").splitlines()[-1:]
    if done.returncode != 1 or not last or not re.fullmatch(message, last[0]):
        raise CheckError(f"{command}: exit code {done.returncode}, stderr:\n{done.stderr}expected: {message}")


def nanoarrow(build: Path) -> Path:
    """Return the C sources of nanoarrow. They are fetched once."""
    sources = build / "nanoarrow" / "nanoarrow-0.9.0" / "subprojects" / "arrow-nanoarrow"
    if not sources.is_dir():
        backend = build / "nanoarrow" / "backend"
        backend.mkdir(parents=True, exist_ok=True)
        (backend / "mesonpy.py").write_text(BACKEND)
        pip = [sys.executable, "-m", "pip", "download", "-q", "--disable-pip-version-check", "--no-deps"]
        pip += ["--no-binary", "nanoarrow", "--no-build-isolation", "--require-hashes"]
        pip += ["-r", str(ROOT / "requirements" / "nanoarrow.txt"), "-d", str(build / "nanoarrow")]
        run(*pip, env={**os.environ, "PYTHONPATH": str(backend)})
        with tarfile.open(build / "nanoarrow" / "nanoarrow-0.9.0.tar.gz") as archive:
            archive.extractall(build / "nanoarrow", filter="data")
    return sources


def cmake(source: Path, build: Path, *definitions: str, targets: tuple[str, ...] = ()) -> None:
    """Configure and build."""
    run("cmake", "-G", "Ninja", "-S", source, "-B", build, *(f"-D{definition}" for definition in definitions))
    run("cmake", "--build", build, "-j", JOBS, *(["--target", *targets] if targets else []))


def install(build: Path, prefix: Path) -> None:
    """Install the library of a build directory below `prefix`."""
    shutil.rmtree(prefix, ignore_errors=True)
    run("cmake", "--install", build, "--prefix", prefix)


def cached(build: Path, name: str) -> str:
    """Return a variable of CMake's cache in a build directory."""
    found = re.search(rf"^{name}:\w+=(.+)$", (build / "CMakeCache.txt").read_text(), re.MULTILINE)
    if found is None:
        raise CheckError(f"{build / 'CMakeCache.txt'} has no {name}")
    return found[1]


def check_headers(prefix: Path, scratch: Path) -> None:
    """Check that exactly the public headers are installed, and that each compiles alone."""
    public = {header.name for header in (ROOT / "include" / "jetliner").iterdir()} | {"version.h"}
    installed = {str(header.relative_to(prefix / "include")) for header in (prefix / "include").rglob("*.*")}
    check_equal(sorted(installed), sorted(f"jetliner/{name}" for name in public), "installed headers")
    scratch.mkdir(exist_ok=True)
    sources = []
    for header in sorted(installed):
        sources.append(scratch / f"{Path(header).stem}.cc")
        sources[-1].write_text(f'#include "{header}"\n')
    warnings = ["-Wall", "-Wextra", "-Wpedantic", "-Wshadow", "-Werror"]
    run("c++", "-std=c++20", "-fsyntax-only", *warnings, "-I", prefix / "include", *sources)


def check_version(config: Path) -> None:
    """Check which versions find_package() accepts. Before version 1, a minor version may change the API."""
    match = re.search(r"project\(jetliner VERSION (\d+)\.(\d+)\.(\d+)", (ROOT / "CMakeLists.txt").read_text())
    if match is None:
        raise CheckError("CMakeLists.txt names no version")
    major, minor, patch = map(int, match.groups())
    script = config.parent / "accepts.cmake"
    for wanted, accepted in [
        (f"{major}.{minor}", "TRUE"),
        (f"{major}.{minor}.{patch}", "TRUE"),
        (f"{major}.{minor}.{patch + 1}", "FALSE"),
        (f"{major}.{minor + 1}", "FALSE"),
        (f"{major + 1}.0", "FALSE"),
    ]:
        parts = wanted.split(".")
        script.write_text(
            f"set(PACKAGE_FIND_VERSION {wanted})\n"
            f"set(PACKAGE_FIND_VERSION_MAJOR {parts[0]})\nset(PACKAGE_FIND_VERSION_MINOR {parts[1]})\n"
            f"include({config})\nmessage(STATUS ${{PACKAGE_VERSION_COMPATIBLE}})\n"
        )
        check_equal(
            run("cmake", "-P", script).strip().removeprefix("-- "), accepted, f"find_package(jetliner {wanted})"
        )
    script.unlink()


def check_examples(programs: Path, data: Path) -> None:
    """Run each example on files that exist, and on files that do not, or are damaged."""
    shutil.rmtree(data, ignore_errors=True)
    data.mkdir()
    trips, missing, damaged = data / "trips.avro", data / "missing.avro", data / "damaged.avro"

    written = run(programs / "write_file", trips)
    size = trips.stat().st_size
    check_equal(written, f"100000 rows, {size} bytes\n", "write_file")
    check_equal(run(programs / "print_schema", trips), SCHEMA.replace("SIZE", str(size)), "print_schema")
    check_equal(run(programs / "stream_file", "distance_km", trips, trips), STREAMED, "stream_file")
    stations = run(programs / "arrow_stream", trips)
    counts = [int(count) for count in re.findall(r"^\S+: (\d+) trips, 18\d\d s on average$", stations, re.MULTILINE)]
    check_equal((len(counts), sum(counts)), (5, 100_000), f"arrow_stream\n{stations}")
    run("split", "--bytes=100000", trips, f"{trips}.")
    pieces = sorted(data.glob("trips.avro.*"))
    check_equal(len(pieces) > 3, True, "number of pieces")
    counted = run(programs / "own_source", *pieces).splitlines()[-1]
    check_equal(counted, "100000 rows in all", "own_source")

    damaged.write_bytes(trips.read_bytes()[: size // 2])
    for example, *arguments in [("stream_file", "distance_km"), ("print_schema",), ("arrow_stream",), ("own_source",)]:
        check_fails(f"{example}: file not found: {missing}", programs / example, *arguments, missing)
    place = r"\(file '.*damaged\.avro', .*offset \d+\)"
    check_fails(f"stream_file: .* {place}", programs / "stream_file", "distance_km", damaged)
    check_fails(f"arrow_stream: .* {place}", programs / "arrow_stream", damaged)
    check_fails("stream_file: there is no column weight", programs / "stream_file", "weight", trips)
    check_fails("stream_file: the column station is no double", programs / "stream_file", "station", trips)
    check_fails("write_file: .*no-such-folder.*", programs / "write_file", data / "no-such-folder" / "trips.avro")
    check_equal((data / "no-such-folder").exists(), False, "write_file makes a folder")


def pkg_config(prefix: Path, program: Path, compiler: str = "c++", flags: str = "") -> None:
    """Build the first program of docs/cpp.md with the flags of pkg-config."""
    source = program.with_suffix(".cc")
    source.write_text((ROOT / "docs" / "cpp.md").read_text().split("```cpp\n")[1].split("```")[0])
    paths = os.pathsep.join(str(folder) for folder in prefix.glob("lib*/**/pkgconfig"))
    env = {**os.environ, "PKG_CONFIG_PATH": paths}
    of_package = run("pkg-config", "--cflags", "--libs", "jetliner", env=env).split()
    run(compiler, "-std=c++20", "-Wall", "-Wextra", "-Werror", *flags.split(), source, "-o", program, *of_package)


@contextmanager
def step(what: str) -> Iterator[None]:
    """Say how long a step took."""
    started = time.perf_counter()
    yield
    print(f"{time.perf_counter() - started:5.1f} s  {what}", flush=True)


def check_installed(library: Path, build: Path, sources: Path, compiler: str = "c++", flags: str = "") -> None:
    """Check the static library that was built in `library`."""
    with step("installed; headers and version"):
        install(library, build / "prefix")
        check_headers(build / "prefix", build / "headers")
        check_version(next((build / "prefix").rglob("jetliner-config-version.cmake")))
    with step("examples with find_package()"):
        build_examples(build / "examples", build / "prefix", sources, compiler, flags)
        check_examples(build / "examples", build / "data")
    with step("program of docs/cpp.md with pkg-config"):
        pkg_config(build / "prefix", build / "program", compiler, flags)
        check_equal(run(build / "program", cwd=build / "data"), "100000 rows\n", "with pkg-config")


def build_examples(build: Path, prefix: Path, sources: Path, compiler: str = "c++", flags: str = "") -> None:
    definitions = [f"CMAKE_CXX_COMPILER={compiler}", f"CMAKE_CXX_FLAGS=-Wall -Wextra -Wpedantic -Werror {flags}"]
    definitions += ["CMAKE_BUILD_TYPE=Debug", f"CMAKE_PREFIX_PATH={prefix}"]
    definitions += [f"nanoarrow_DIR={ROOT / 'tests' / 'package'}", f"NANOARROW_SOURCE_DIR={sources}"]
    cmake(EXAMPLES, build, *definitions)
    check_equal([name for name in RUNNABLE if not (build / name).is_file()], [], "missing examples")


def check_subdirectory(build: Path, trips: Path) -> None:
    """Check an example that has the library in its tree."""
    launcher = ["CMAKE_CXX_COMPILER_LAUNCHER=ccache"] if shutil.which("ccache") else []
    cmake(ROOT / "tests" / "package" / "subdirectory", build, "CMAKE_BUILD_TYPE=Release", *launcher)
    check_equal(run(build / "stream_file", "distance_km", trips, trips), STREAMED, "with add_subdirectory()")


def check_shared(build: Path, sources: Path) -> None:
    """Check the shared library: that it shows all names that it must, and that exceptions pass its border."""
    fast = ["CMAKE_BUILD_TYPE=Debug", "CMAKE_CXX_FLAGS_DEBUG=-O0", "JETLINER_UNITY=ON", "BUILD_SHARED_LIBS=ON"]
    cmake(ROOT, build / "library", *fast)
    install(build / "library", build / "prefix")
    build_examples(build / "examples", build / "prefix", sources)
    if "libjetliner.so" not in run("ldd", build / "examples" / "write_file"):
        raise CheckError("examples/write_file does not use the shared library")
    check_examples(build / "examples", build / "data")
    pkg_config(build / "prefix", build / "program")
    path = {**os.environ, "LD_LIBRARY_PATH": str(next((build / "prefix").rglob("libjetliner.so")).parent)}
    check_equal(run(build / "program", cwd=build / "data", env=path), "100000 rows\n", "with pkg-config, shared")


def main() -> int:
    arguments = [argument for argument in sys.argv[1:] if argument != "--sanitized"]
    build = Path(arguments[0] if arguments else ROOT / "build" / "package").resolve()
    with step("nanoarrow is there"):
        sources = nanoarrow(build)
    if "--sanitized" in sys.argv:
        library = ROOT / "build" / "asan"
        flags = f"-fsanitize={cached(library, 'JETLINER_SANITIZE')} -fno-sanitize-recover=all"
        check_installed(library, build / "sanitized", sources, cached(library, "CMAKE_CXX_COMPILER"), flags)
        return 0
    with step("static library built"):
        cmake(ROOT, build / "library", "CMAKE_BUILD_TYPE=Release")
    check_installed(build / "library", build / "static", sources)
    with step("example with add_subdirectory()"):
        check_subdirectory(build / "subdirectory", build / "static" / "data" / "trips.avro")
    with step("examples with the shared library"):
        check_shared(build / "shared", sources)
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except CheckError as error:
        print(f"test_cpp_package: {error}", file=sys.stderr)
        sys.exit(1)
