"""Tells the caller of a function what `ignore_errors` has skipped. Only readers have the list of damages."""

from __future__ import annotations

from collections import Counter

from jetliner import _core
from jetliner._options.hints import CodePlace, warn

_MAX_FILES = 3


def warn_of_skipped(reader: _core.Reader, otherwise_at: CodePlace | None = None) -> None:
    """Warn once of all damage that a reader has skipped: how much, in which files, and what the first one was.

    Parameters
    ----------
    reader
        The reader.
    otherwise_at
        The line to name if no line of the caller can be found, as in `hints.warn`.
    """
    count = reader.num_bad_blocks
    if count == 0:
        return
    kept = reader.bad_blocks()  # the first ones, if there are very many
    files = Counter(damage.filepath for damage in kept)
    shown = [f"{path!r} ({number})" for path, number in files.most_common(_MAX_FILES)]
    if len(files) > len(shown):
        shown.append(f"{len(files) - len(shown)} other file{'s' if len(files) - len(shown) > 1 else ''}")
    places = "1 damaged place" if count == 1 else f"{count} damaged places"
    which = f"; the first {len(kept)} of them are" if len(kept) < count else ","
    details = str(kept[0])
    if len(files) == 1:
        details = details.removeprefix(f"{kept[0].filepath}: ")
    warn(
        f"ignore_errors: {places} skipped, and the rows that were there{which} in {', '.join(shown)}; "
        f"{'details' if count == 1 else 'the first'}: {details}; "
        "AvroReader and MultiAvroReader list the damages in `errors`",
        otherwise_at,
    )
