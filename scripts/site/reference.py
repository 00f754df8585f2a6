"""The reference of the site: an extension of griffe, which reads the docstrings for mkdocstrings.

The sources are read, not imported, so the site needs neither the built package nor Ray, Dask and Spark. This adds what
the import would add, and what the site needs:

- the section "Parameters" of what `documented` decorates (`jetliner/_options/parameters.py`)
- links to pages ("docs/stores.md") and to names of the API ("`read_avro`")
- several exceptions with one text, as alternatives
- the values of defaults, for their names
"""

from __future__ import annotations

import ast
import importlib.util
import inspect
import re
from pathlib import Path
from types import ModuleType
from typing import Any

import griffe

PACKAGE = Path(__file__).resolve().parents[2] / "python" / "jetliner"


def _module(path: str) -> ModuleType:
    """Import a module that imports no others of the package."""
    spec = importlib.util.spec_from_file_location(Path(path).stem, PACKAGE / path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _public_names() -> set[str]:
    """Return `jetliner.__all__`."""
    for statement in ast.parse((PACKAGE / "__init__.py").read_text()).body:
        if isinstance(statement, ast.Assign) and ast.unparse(statement.targets[0]) == "__all__":
            return set(ast.literal_eval(statement.value))
    raise AssertionError


_PARAMETERS = _module("_options/parameters.py")
_VALUES = {**vars(_PARAMETERS), "defaults": _module("_options/defaults.py")}
_NAMES = _public_names()
_KINDS = {
    griffe.ParameterKind.positional_only: inspect.Parameter.POSITIONAL_ONLY,
    griffe.ParameterKind.positional_or_keyword: inspect.Parameter.POSITIONAL_OR_KEYWORD,
    griffe.ParameterKind.var_positional: inspect.Parameter.VAR_POSITIONAL,
    griffe.ParameterKind.keyword_only: inspect.Parameter.KEYWORD_ONLY,
    griffe.ParameterKind.var_keyword: inspect.Parameter.VAR_KEYWORD,
}


def _signature(target: griffe.Function | griffe.Class) -> inspect.Signature:
    """Return the signature, with the values of defaults."""
    parameters = []
    for parameter in target.parameters:
        if parameter.name == "self":
            continue
        assert parameter.kind is not None
        variadic = parameter.kind in (griffe.ParameterKind.var_positional, griffe.ParameterKind.var_keyword)
        default: Any = inspect.Parameter.empty
        if parameter.default is not None and not variadic:
            default = eval(str(parameter.default), _VALUES)
        parameters.append(inspect.Parameter(parameter.name.lstrip("*"), _KINDS[parameter.kind], default=default))
    return inspect.Signature(parameters)


def _with_parameters(target: griffe.Function | griffe.Class, text: str) -> str:
    """Do what `documented` does when the module is imported."""
    for decorator in target.decorators:
        if decorator.callable_path.endswith(".documented"):
            stand_in = type(target.name, (), {"__doc__": text, "__signature__": _signature(target)})
            decorate = eval(str(decorator.value), _VALUES)
            return str(decorate(stand_in).__doc__)
    return text


def _linked(text: str, own: str) -> str:
    """Make links of the names of pages and of the API, outside of examples."""
    text, heading, examples = text.partition("\nExamples\n")
    text = re.sub(r"(?:page\s+)?\bdocs/([\w-]+)\.md((?:#[\w-]+)?)", r"[page about \1](../\1.md\2)", text)
    text = text.replace("see [page", "see the [page")
    names = "|".join(sorted(_NAMES - {own}))
    text = re.sub(rf"`((?:jetliner\.)?({names}))`", r"[`\1`][jetliner.\2]", text)
    return text + heading + examples


def _with_alternatives(text: str) -> str:
    """Write "TypeError, ValueError" in the section "Raises" as alternatives, for a tuple is no exception."""
    before, heading, section = text.partition("\nRaises\n------\n")
    section, line, after = section.partition("\n\n")
    section = re.sub(r"^\w+(?:, \w+)+$", lambda names: names[0].replace(", ", " | "), section, flags=re.MULTILINE)
    return before + heading + section + line + after


class Reference(griffe.Extension):
    """Changes docstrings before they are parsed."""

    def on_function(self, *, func: griffe.Function, **_: Any) -> None:
        """Write values for the names of defaults."""
        for parameter in func.parameters:
            if str(parameter.default).startswith("defaults."):
                parameter.default = str(eval(str(parameter.default), _VALUES))

    def on_object(self, *, obj: griffe.Object, **_: Any) -> None:
        """Change the docstring."""
        if obj.docstring is None:
            return
        text = obj.docstring.value
        if isinstance(obj, griffe.Function | griffe.Class):
            text = _with_parameters(obj, text)
        obj.docstring.value = _with_alternatives(_linked(text, obj.name))
