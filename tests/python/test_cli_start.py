"""The start of the command line: quick, without Polars, and with a message where its packages are missing."""

from __future__ import annotations

import importlib.metadata
import os
import subprocess
import sys

import pytest

import jetliner
from command_line import CommandLine, start
from jetliner._cli.program import program
from processes import run_python

COMMANDS = list(program.commands)


def test_help_and_version_import_nothing_heavy() -> None:
    script = f"""
        import sys
        from jetliner._cli.program import run
        for command in [[], *([name] for name in {COMMANDS!r})]:
            for option in ("--help", "--version"):
                assert run([*command, option]) == 0
        print([name for name in ("polars", "jetliner._core", "rich", "tqdm", "obstore") if name in sys.modules])
    """
    result = run_python(script)
    assert result.returncode == 0, result.stderr
    lines = result.stdout.splitlines()
    assert lines[-1] == "[]"
    assert lines.count(f"jetliner {jetliner.__version__}") == len(COMMANDS) + 1


@pytest.mark.parametrize("command", COMMANDS)
def test_help_of_a_command(cli: CommandLine, command: str) -> None:
    lines = cli.ok(command, "--help")
    assert lines[0].startswith(f"Usage: jetliner {command} [OPTIONS]")
    assert any(line.startswith("  Example") for line in lines)
    assert any(line.startswith(f"    jetliner {command} ") for line in lines)
    text = " ".join(lines)
    for option in ("--storage-option", "--reader-schema", "--ignore-errors", "--threads", "--traceback", "--version"):
        assert option in text
    assert cli.ok(command, "-h") == lines


def test_help_lists_the_commands(cli: CommandLine) -> None:
    text = "\n".join(cli.ok("--help"))
    assert [name for name in COMMANDS if f"\n  {name} " not in text] == []
    assert "_JETLINER_COMPLETE=bash_source" in text


def test_without_arguments_the_help_is_an_error(cli: CommandLine) -> None:
    result = cli()
    assert (result.code, result.out) == (2, "")
    assert result.err.startswith("Usage: jetliner [OPTIONS] COMMAND")


def test_completion_is_made_for_shells() -> None:
    script = subprocess.run(
        [sys.executable, "-m", "jetliner"],
        env={**os.environ, "_JETLINER_COMPLETE": "zsh_source"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert script.stdout.startswith("#compdef jetliner")
    words = {"COMP_WORDS": "jetliner c", "COMP_CWORD": "1", "_JETLINER_COMPLETE": "bash_complete"}
    completed = subprocess.run(
        [sys.executable, "-m", "jetliner"], env={**os.environ, **words}, capture_output=True, text=True, check=True
    )
    assert completed.stdout.split() == ["plain,cat", "plain,count", "plain,convert", "plain,check"]


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("jetliner convert a.avro -o b.avro --compression z", ["zstandard", "zstd"]),
        ("jetliner convert a.avro -o b.parquet --compression b", ["brotli"]),
        ("jetliner convert a.avro --compression b", ["brotli", "bzip2"]),
        ("jetliner convert a.avro -o b.csv --compression z", []),
    ],
)
def test_completion_knows_the_codecs(line: str, names: list[str]) -> None:
    words = {"COMP_WORDS": line, "COMP_CWORD": str(line.count(" ")), "_JETLINER_COMPLETE": "bash_complete"}
    completed = subprocess.run(
        [sys.executable, "-m", "jetliner"], env={**os.environ, **words}, capture_output=True, text=True, check=True
    )
    assert completed.stdout.split() == [f"plain,{name}" for name in names]


def test_the_program_is_an_entry_point() -> None:
    (entry,) = importlib.metadata.entry_points(group="console_scripts", name="jetliner")
    assert entry.value == "jetliner._cli:main"
    assert callable(entry.load())


def test_without_click_one_line_says_what_to_install() -> None:
    result = run_python("import sys; sys.modules['click'] = None; from jetliner._cli import main; sys.exit(main())")
    assert result.returncode == 2
    assert result.stderr == "jetliner: the command line needs more packages: pip install 'jetliner[cli]'\n"


def test_module_runs_as_the_program_does() -> None:
    process = start("--version")
    out, err = process.communicate()
    assert (process.returncode, out, err) == (0, f"jetliner {jetliner.__version__}\n".encode(), b"")


# The package is imported bit by bit, so that the above is possible.


def test_import_of_the_package_imports_no_polars_until_it_is_used() -> None:
    script = """
        import sys, jetliner
        print("polars" in sys.modules)
        assert jetliner.exceptions.DecodeError is jetliner.DecodeError
        print("polars" in sys.modules)
        jetliner.read_avro
        print("polars" in sys.modules)
        assert "read_avro" in vars(jetliner)
    """
    result = run_python(script)
    assert (result.stdout.split(), result.stderr) == (["False", "False", "True"], "")


STATEMENTS = [
    "import jetliner; jetliner.reader.AvroReader",
    "import jetliner; jetliner._core.Reader",
    "from jetliner import *; read_avro; BadBlockError; FileSource; DecodeError",
    "from jetliner import _core; _core.Reader",
    "from jetliner import reader, scan_avro; reader.AvroReader",
    "import jetliner; assert sorted(dir(jetliner)) == sorted([*jetliner.__all__, '__version__'])",
    "import jetliner; assert all(hasattr(jetliner, name) for name in dir(jetliner))",
    "import jetliner, pickle; assert pickle.loads(pickle.dumps(jetliner.read_avro)) is jetliner.read_avro",
    "import jetliner, inspect; assert inspect.getmodule(jetliner.AvroReader).__name__ == 'jetliner.reader'",
]


def test_names_are_found_however_they_are_asked_for() -> None:
    # Each in a process in which the package was not imported before. Polars was, for that takes longest.
    script = f"""
        import os, warnings
        warnings.simplefilter("ignore", DeprecationWarning)  # CPython warns of forks beside threads
        import polars
        for statement in {STATEMENTS!r}:
            if (child := os.fork()) == 0:
                exec(statement, {{}})
                os._exit(0)
            assert os.waitpid(child, 0)[1] == 0, statement
    """
    result = run_python(script)
    assert (result.returncode, result.stderr) == (0, "")


def test_names_that_are_missing_are_attribute_errors() -> None:
    with pytest.raises(AttributeError, match="module 'jetliner' has no attribute 'read_arvo'"):
        jetliner.read_arvo  # type: ignore[attr-defined]  # noqa: B018
    assert not hasattr(jetliner, "_cli_")
