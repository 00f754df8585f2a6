"""Python interpreters of the readers, and the programs in C++."""

from __future__ import annotations

import importlib.metadata
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent


def environment_python(packages: tuple[str, ...] | None, directory: Path, *, with_polars: bool = True) -> Path:
    """Return the interpreter of an environment with the packages; create the environment if it is missing.

    None means the current environment. Other environments get the Polars version of the current one.
    """
    if packages is None:
        return Path(sys.executable)
    polars = f"polars=={importlib.metadata.version('polars')}"
    home = directory / "environments" / (packages[0] + (f"-{polars.replace('==', '-')}" if with_polars else ""))
    python = home / "bin" / "python"
    if not (home / "ready").exists():
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(home)], check=True)
        install = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*install, *packages, *([polars] if with_polars else [])], check=True)
        (home / "ready").touch()
    return python


def build_program(name: str) -> Path:
    """Build a program of CMakeLists.txt if necessary; return its path."""
    for step in (["--preset", "bench"], ["--build", "--preset", "bench", "--target", name]):
        done = subprocess.run(["cmake", *step], cwd=ROOT, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            sys.exit(f"cmake {' '.join(step)} fails:\n{done.stdout}{done.stderr}")
    return ROOT / "build" / "bench" / "benchmarks" / name
