"""Checks wheels before they are published: tags, what they need of the system, what is inside, and their size.

Runs in the environment of `scripts/wheel`.
"""

from __future__ import annotations

import io
import re
import subprocess
import sys
import zipfile
from pathlib import Path

from elftools.elf.dynamic import DynamicSection
from elftools.elf.elffile import ELFFile
from elftools.elf.gnuversions import GNUVerSymSection
from elftools.elf.sections import SymbolTableSection

MAX_PACKED_BYTES = 3_000_000
MAX_UNPACKED_BYTES = 8_000_000
# Libraries of glibc. All others must be inside the module.
SYSTEM_LIBRARIES = ("ld-linux-", "libc.so.", "libdl.so.", "libm.so.", "libpthread.so.", "librt.so.")
PLATFORM = re.compile(r"manylinux_2_(\d+)_(x86_64|aarch64)\b")
LICENSES = ("LICENSE", "LICENSE-THIRD-PARTY.txt")


def module_faults(name: str, data: bytes) -> list[str]:
    """Return what is wrong with the extension module."""
    elf = ELFFile(io.BytesIO(data))
    faults = []
    dynamic = elf.get_section_by_name(".dynamic")
    assert isinstance(dynamic, DynamicSection)
    needed = [tag.needed for tag in dynamic.iter_tags("DT_NEEDED")]
    faults += [f"{name} needs {library}" for library in needed if not library.startswith(SYSTEM_LIBRARIES)]
    if elf.get_section_by_name(".symtab") is not None or elf.get_section_by_name(".debug_info") is not None:
        faults.append(f"{name} is not stripped")
    symbols = elf.get_section_by_name(".dynsym")
    versions = elf.get_section_by_name(".gnu.version")
    assert isinstance(symbols, SymbolTableSection)
    assert isinstance(versions, GNUVerSymSection)
    # A symbol of a library has a version, one of CPython has not. The linker does not see that all others are inside.
    unknown = {
        symbol.name
        for number, symbol in enumerate(symbols.iter_symbols())
        if (symbol["st_shndx"], symbol["st_info"]["bind"]) == ("SHN_UNDEF", "STB_GLOBAL")
        and versions.get_symbol(number)["ndx"] in ("VER_NDX_LOCAL", "VER_NDX_GLOBAL")
        and not symbol.name.startswith(("Py", "_Py"))
    }
    faults += [f"{name} needs the symbol {symbol}, which is nowhere" for symbol in sorted(unknown)]
    exported = {
        symbol.name
        for symbol in symbols.iter_symbols()
        if symbol["st_shndx"] != "SHN_UNDEF" and symbol["st_info"]["bind"] != "STB_LOCAL"
    }
    faults += [f"{name} exports {symbol}" for symbol in sorted(exported - {"PyInit__core"})]
    return faults


def wheel_faults(path: Path) -> list[str]:
    """Return what is wrong with a wheel."""
    faults = []
    with zipfile.ZipFile(path) as wheel:
        names = wheel.namelist()
        unpacked_bytes = sum(entry.file_size for entry in wheel.infolist())
        modules = [name for name in names if name.endswith(".so")]
        if len(modules) != 1:
            faults.append(f"one module was expected, not {modules}")
        for module in modules:
            faults += module_faults(module, wheel.read(module))
    packed_bytes = path.stat().st_size
    print(f"{path.name}: {packed_bytes / 1e6:.2f} MB, unpacked {unpacked_bytes / 1e6:.2f} MB")
    if packed_bytes > MAX_PACKED_BYTES:
        faults.append(f"it has more than {MAX_PACKED_BYTES} bytes")
    if unpacked_bytes > MAX_UNPACKED_BYTES:
        faults.append(f"it has more than {MAX_UNPACKED_BYTES} bytes unpacked")
    if "jetliner/py.typed" not in names:
        faults.append("py.typed is missing")
    for license_name in LICENSES:
        if not any(name.endswith(f".dist-info/licenses/{license_name}") for name in names):
            faults.append(f"{license_name} is missing")

    # auditwheel looks at the versions of the symbols of glibc that the module uses. It tells the oldest possible tag.
    shown = subprocess.run([sys.executable, "-m", "auditwheel", "show", str(path)], capture_output=True, text=True)
    claimed = PLATFORM.search(path.stem)
    found = PLATFORM.search(shown.stdout)
    if claimed is None or found is None or found[2] != claimed[2] or int(found[1]) > int(claimed[1]):
        faults.append(f"auditwheel finds another platform:\n{shown.stdout}{shown.stderr}")
    return faults


def main() -> int:
    paths = [Path(argument) for argument in sys.argv[1:]]
    bad = False
    for path in paths:
        for fault in wheel_faults(path):
            bad = True
            print(f"{path.name}: {fault}", file=sys.stderr)
    if not paths:
        print("usage: check_wheels.py WHEELS...", file=sys.stderr)
    return int(bad or not paths)


if __name__ == "__main__":
    sys.exit(main())
