"""A place of files: where jetliner reads the files of a test from, in place of the disk."""

from __future__ import annotations

import os
import sys
from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

import pytest

import jetliner
from jetliner._files import sources
from jetliner._files.inputs import Inputs, Places
from jetliner._files.sources import Files
from jetliner._options import hints

#: The functions that turn the argument of an entry point into files. Modules of jetliner import them by name.
_FUNCTIONS = ("resolve", "first_file", "single_source", "source_list")


class Place(ABC):
    """A place of files.

    Attributes
    ----------
    current
        The place that is in use. Pickled queries find it here.
    """

    current: ClassVar[Place | None] = None

    def __init__(self) -> None:
        #: A file is missing, so jetliner may look for it on the disk.
        self.is_missing = False

    @abstractmethod
    def files(self, name: str, function: Any, source: Any, options: Any, **keywords: Any) -> Files:
        """Do what a function of `_FUNCTIONS` does, with files from this place."""

    def patches(self, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: B027 (not all have more to change)
        """Change more than the functions, until the end of the test."""

    def use(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Read local paths from this place until the end of the test."""
        monkeypatch.setattr(Place, "current", self)
        # Warnings name the line of the test, not of this module.
        monkeypatch.setattr(hints, "_OWN", (*hints._OWN, str(Path(__file__).parent) + os.sep))
        self.patches(monkeypatch)
        for name in jetliner.__all__:
            getattr(jetliner, name)  # imports its module, which would keep the changed functions if it came later
        for name in _FUNCTIONS:
            original = getattr(sources, name)
            changed = self._function(name, original)
            for module in list(sys.modules.values()):
                if module.__name__.startswith("jetliner.") and getattr(module, name, None) is original:
                    monkeypatch.setattr(module, name, changed)
        place, places = self, Inputs.places

        def watched(self: Inputs, options: Any) -> Places:
            assert options.remote or options.objects or place.is_missing, "a local file was read from the disk"
            return places(self, options)

        monkeypatch.setattr(Inputs, "places", watched)

    def _function(self, name: str, original: Any) -> Any:
        def files(source: Any, options: Any, **keywords: Any) -> Files:
            if _is_local(source):
                return self.files(name, original, source, options, **keywords)
            found: Files = original(source, options, **keywords)
            return found

        return files


def _is_local(source: Any) -> bool:
    """Tell whether a source has local paths alone. URLs of files are local."""
    elements = [source] if isinstance(source, (str, os.PathLike)) else source
    if not isinstance(elements, Sequence) or isinstance(elements, (bytes, bytearray, memoryview)) or not elements:
        return False
    paths = [os.fspath(element) for element in elements if isinstance(element, (str, os.PathLike))]
    return len(paths) == len(elements) and not any(
        "://" in path and not path.lower().startswith("file:") for path in paths if isinstance(path, str)
    )
