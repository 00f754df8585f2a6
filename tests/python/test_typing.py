"""The annotations of the package, as a type checker of a user sees them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path


def test_type_checkers_accept_sequences_of_paths(in_tmp: Path) -> None:
    Path("use.py").write_text(
        "from pathlib import Path\n"
        "import jetliner\n"
        "jetliner.MultiAvroReader(sorted(Path().glob('*.avro')))\n"
        "jetliner.MultiAvroReader(('a.avro', Path('b.avro')))\n"
        "jetliner.MultiAvroReader([str(path) for path in Path().iterdir()])\n"
        "jetliner.read_avro(sorted(Path().glob('*.avro')))\n"
        "jetliner.AvroReader('a.avro', columns=[0, 1])\n"
        "jetliner.MultiAvroReader(5)  # type: ignore[arg-type]\n"
    )
    command = [sys.executable, "-m", "mypy", "--strict", "--config-file=", "use.py"]
    result = subprocess.run(command, capture_output=True, text=True)
    assert result.returncode == 0, result.stdout + result.stderr
