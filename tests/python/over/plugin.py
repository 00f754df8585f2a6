"""The option ``--over``, and the fixture that changes the place of a test's files."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from over.opened import OpenedPlace
from over.place import Place
from over.remote import RemotePlace, S3Shelf, WebShelf
from over.selection import STORES, stores_of

_MAKES: dict[str, Callable[[pytest.FixtureRequest], Place]] = {
    "s3": lambda request: RemotePlace(S3Shelf(request.getfixturevalue("s3_server").bucket())),
    "azure": lambda request: RemotePlace(request.getfixturevalue("azure_server").bucket()),
    "gcs": lambda request: RemotePlace(request.getfixturevalue("gcs_server").bucket()),
    "http": lambda request: RemotePlace(WebShelf(request.getfixturevalue("web_server"))),
    "stream": lambda request: RemotePlace(WebShelf(request.getfixturevalue("web_server"), ranges=False)),
    "objects": lambda request: OpenedPlace(),
}


def add_option(parser: pytest.Parser) -> None:
    parser.addoption(
        "--over",
        default="",
        metavar="STORES",
        help=f"run the tests of local files over stores instead: {', '.join(STORES)} (with commas), all, or some",
    )


def chosen(config: pytest.Config) -> list[str]:
    """The stores of the option."""
    names = str(config.getoption("--over")).split(",")
    if unknown := set(names) - {"", "all", "some", *STORES}:
        raise pytest.UsageError(f"--over does not know {', '.join(sorted(unknown))}")
    return [name for name in STORES if {name, "all", "some"} & set(names)]


def generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test once for each store."""
    if stores := chosen(metafunc.config):
        some = metafunc.config.getoption("--over") == "some"
        runs_over = stores_of(metafunc.definition.path.name, metafunc.function.__name__, some=some)
        if names := [name for name in runs_over if name in stores]:
            metafunc.parametrize("file_place", names, indirect=True)


def deselect(config: pytest.Config, items: list[pytest.Item]) -> None:
    """With the option, leave out the tests that run over no store."""
    if not chosen(config):
        return
    kept = [item for item in items if "file_place" in getattr(getattr(item, "callspec", None), "params", {})]
    config.hook.pytest_deselected(items=[item for item in items if item not in set(kept)])
    items[:] = kept


@pytest.fixture(scope="session")
def places() -> dict[str, Place]:
    """The places that were made so far. Each has one bucket for all tests of a worker."""
    return {}


@pytest.fixture(autouse=True)
def file_place(
    request: pytest.FixtureRequest, places: dict[str, Place], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Place | None]:
    """Where jetliner reads the files of the test from. None: from the disk."""
    name: str | None = getattr(request, "param", None)
    if name is None:
        yield None
        return
    if name not in places:
        places[name] = _MAKES[name](request)
    places[name].use(monkeypatch)
    yield places[name]
