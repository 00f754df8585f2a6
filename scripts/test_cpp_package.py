#!/usr/bin/env python3
"""Tests the C++ package as its users get it: installs it, builds the examples against it, and runs them.

    test_cpp_package.py [--static] [BUILD_DIRECTORY]

The examples are built in four ways: with CMake's find_package(), with pkg-config, with add_subdirectory(), and against
a shared library. The last compiles the library once more; --static leaves it out.

Everything is below BUILD_DIRECTORY (default build/package). What was compiled there before, or is in ccache, is not
compiled again.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tarfile
import time
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


def install(build: Path, prefix: Path, *definitions: str) -> None:
    """Build the library, and install it below `prefix`."""
    cmake(ROOT, build, *definitions)
    shutil.rmtree(prefix, ignore_errors=True)
    run("cmake", "--install", build, "--prefix", prefix)


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
    streamed = run(programs / "stream_file", "distance_km", trips, trips)
    check_equal(streamed, "200000 rows, distance_km: 1411787.2\n", "stream_file")
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


def pkg_config(prefix: Path, program: Path) -> None:
    """Build the first program of docs/cpp.md with the flags of pkg-config."""
    source = program.with_suffix(".cc")
    source.write_text((ROOT / "docs" / "cpp.md").read_text().split("```cpp\n")[1].split("```")[0])
    paths = os.pathsep.join(str(folder) for folder in prefix.glob("lib*/**/pkgconfig"))
    env = {**os.environ, "PKG_CONFIG_PATH": paths}
    flags = run("pkg-config", "--cflags", "--libs", "jetliner", env=env).split()
    run("c++", "-std=c++20", "-Wall", "-Wextra", "-Werror", source, "-o", program, *flags)


def main() -> int:
    static_only = "--static" in sys.argv
    arguments = [argument for argument in sys.argv[1:] if argument != "--static"]
    build = Path(arguments[0] if arguments else ROOT / "build" / "package").resolve()
    build.mkdir(parents=True, exist_ok=True)
    data, trips = build / "data", build / "data" / "trips.avro"
    started = time.perf_counter()

    def done(what: str) -> None:
        nonlocal started
        now = time.perf_counter()
        print(f"{now - started:5.1f} s  {what}", flush=True)
        started = now

    sources = nanoarrow(build)
    done("nanoarrow is there")

    # The flags of the Python package: ccache has these objects already.
    install(build / "static", build / "prefix", "CMAKE_BUILD_TYPE=Release")
    done("static library built and installed")
    check_headers(build / "prefix", build / "headers")
    check_version(next((build / "prefix").rglob("jetliner-config-version.cmake")))
    done("headers and version")

    examples = ["CMAKE_CXX_FLAGS=-Wall -Wextra -Wpedantic -Werror", "CMAKE_BUILD_TYPE=Debug"]
    examples += [f"nanoarrow_DIR={ROOT / 'tests' / 'package'}", f"NANOARROW_SOURCE_DIR={sources}"]
    cmake(EXAMPLES, build / "examples", *examples, f"CMAKE_PREFIX_PATH={build / 'prefix'}")
    check_equal([name for name in RUNNABLE if not (build / "examples" / name).is_file()], [], "missing examples")
    check_examples(build / "examples", data)
    done("examples with find_package()")

    streamed = run(build / "examples" / "stream_file", "distance_km", trips)
    pkg_config(build / "prefix", build / "program-static")
    check_equal(run(build / "program-static", cwd=data), "100000 rows\n", "with pkg-config")
    done("program of docs/cpp.md with pkg-config")

    launcher = ["CMAKE_CXX_COMPILER_LAUNCHER=ccache"] if shutil.which("ccache") else []
    cmake(ROOT / "tests" / "package" / "subdirectory", build / "subdirectory", "CMAKE_BUILD_TYPE=Release", *launcher)
    check_equal(run(build / "subdirectory" / "stream_file", "distance_km", trips), streamed, "with add_subdirectory()")
    done("example with add_subdirectory()")

    if static_only:
        return 0
    # Not optimized: this is about names that a shared library must show, and exceptions that must pass its border.
    fast = ["CMAKE_BUILD_TYPE=Debug", "CMAKE_CXX_FLAGS_DEBUG=-O0", "JETLINER_UNITY=ON", "BUILD_SHARED_LIBS=ON"]
    install(build / "shared", build / "prefix-shared", *fast)
    cmake(EXAMPLES, build / "examples-shared", *examples, f"CMAKE_PREFIX_PATH={build / 'prefix-shared'}")
    if "libjetliner.so" not in run("ldd", build / "examples-shared" / "write_file"):
        raise CheckError("examples-shared/write_file does not use the shared library")
    check_examples(build / "examples-shared", data)
    pkg_config(build / "prefix-shared", build / "program-shared")
    path = {**os.environ, "LD_LIBRARY_PATH": str(next((build / "prefix-shared").rglob("libjetliner.so")).parent)}
    check_equal(run(build / "program-shared", cwd=data, env=path), "100000 rows\n", "with pkg-config, shared")
    done("examples with the shared library")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except CheckError as error:
        print(f"test_cpp_package: {error}", file=sys.stderr)
        sys.exit(1)
