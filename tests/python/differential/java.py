"""Apache Avro's Java tools as a writer and a reader."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

from .model import Node

VERSION = "1.12.1"


def tools_jar() -> Path:
    """Return the path of the jar: JETLINER_AVRO_TOOLS, or its place in Maven's repository."""
    name = f"avro-tools-{VERSION}.jar"
    default = Path.home() / ".m2/repository/org/apache/avro/avro-tools" / VERSION / name
    jar = Path(os.environ.get("JETLINER_AVRO_TOOLS") or default)
    if not jar.is_file():
        raise FileNotFoundError(
            f"{jar}: these tests need Avro's Java tools; scripts/setup fetches them, JETLINER_AVRO_TOOLS names them"
        )
    return jar


def run(*arguments: str | Path) -> bytes:
    """Run a tool; return its standard output. Raise RuntimeError with its messages if it fails."""
    java = shutil.which("java")
    if java is None:
        raise FileNotFoundError("java: these tests need a Java runtime; scripts/setup installs one")
    options = ["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xss16m", "-jar", str(tools_jar())]
    done = subprocess.run([java, *options, *map(str, arguments)], capture_output=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(
            f"avro-tools {' '.join(map(str, arguments))}: {done.stderr.decode(errors='replace')[-2000:]}"
        )
    return done.stdout


def random_file(schema: Any, path: Path, *, count: int, codec: str, seed: int) -> None:
    """Let Java write a file of random values."""
    schema_path = path.with_suffix(".avsc")
    schema_path.write_text(json.dumps(schema))
    run("random", "--count", str(count), "--seed", str(seed), "--codec", codec, "--schema-file", schema_path, path)


def recode(source: Path, path: Path, codec: str) -> None:
    """Let Java write the same rows with another codec."""
    level = ["--level=6"] if codec in ("xz", "deflate", "zstandard") else []
    run("recodec", f"--codec={codec}", *level, source, path)


def to_json(node: Node, path: Path) -> list[Any]:
    """Let Java read the rows; return raw values."""
    lines = run("tojson", path).decode().split("\n")
    return [from_json(node, json.loads(line)) for line in lines if line]


def from_json(node: Node, value: Any) -> Any:
    """Return a raw value from Avro's JSON encoding (Avro 1.12, "JSON Encoding")."""
    kind = node.kind
    if kind == "union":
        if value is None:
            return next(i for i, branch in enumerate(node.branches) if branch.kind == "null"), None
        ((name, inner),) = value.items()
        index = next(i for i, branch in enumerate(node.branches) if branch.branch_name == name)
        return index, from_json(node.branches[index], inner)
    if kind == "record":
        return {name: from_json(child, value[name]) for name, child in node.fields}
    if kind == "array":
        return [from_json(node.child, item) for item in value]
    if kind == "map":
        return {key: from_json(node.child, item) for key, item in value.items()}
    if kind in ("bytes", "fixed"):
        return value.encode("latin-1")
    if kind in ("float", "double"):
        return float(value)  # "NaN" and "Infinity" are strings in JSON
    return value


def in_order_of(value: Any, like: Any) -> Any:
    """Put the entries of maps into the order of another value. Java keeps them in hash maps."""
    if isinstance(value, dict) and isinstance(like, dict) and value.keys() == like.keys():
        return {key: in_order_of(value[key], like[key]) for key in like}
    if isinstance(value, (list, tuple)) and type(value) is type(like) and len(value) == len(like):
        return type(value)(in_order_of(v, w) for v, w in zip(value, like, strict=True))
    return value
