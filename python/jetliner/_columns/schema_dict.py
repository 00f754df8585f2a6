"""The Avro schema of a file as Python objects."""

from __future__ import annotations

import json
import re
from typing import Any

from jetliner.exceptions import SchemaError

#: A string, which is kept, or a comment.
_STRING_OR_COMMENT = re.compile(r'("(?:[^"\\]|\\.)*")|/\*.*?\*/|//[^\r\n]*', re.DOTALL)


def schema_dict(text: str, path: str) -> dict[str, Any]:
    """Return the schema of a file as a dictionary. One that is no JSON object is the value of the key `type`.

    Raises
    ------
    SchemaError
        With variant "ParseError": Python's parser refuses the text.
    """
    schema = parsed(text, path)
    return schema if isinstance(schema, dict) else {"type": schema}


def parsed(text: str, path: str) -> Any:
    """Return the schema of a file as Python objects.

    Comments are left out, as the core does.

    Raises
    ------
    SchemaError
        With variant "ParseError": Python's parser refuses the text.
    """
    text = text.removeprefix("\ufeff")
    try:
        try:
            return json.loads(text)
        except ValueError:
            return json.loads(_STRING_OR_COMMENT.sub(lambda found: found[1] or " ", text))
    except (ValueError, RecursionError) as error:
        msg = f"the schema cannot be given as a dictionary: {error}"
        raise SchemaError(msg, "ParseError", path) from error
