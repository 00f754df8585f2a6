"""When a request is repeated: how often, and after how many seconds."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import NamedTuple

#: The keys of `storage_options` about retries, as Polars has them.
RETRY_KEYS = frozenset(
    {"max_retries", "retry_timeout_ms", "retry_init_backoff_ms", "retry_max_backoff_ms", "retry_base_multiplier"}
)


class RetryPolicy(NamedTuple):
    """How requests are repeated. The keys of `storage_options` are those of Polars.

    Attributes
    ----------
    max_retries
        How often a request is repeated after the first time.
    total_s
        No repetition starts later than this after the first request. A store may ask to wait longer (Retry-After):
        then the request fails at once.
    first_s, most_s, base
        The wait before the first repetition, the longest one, and by how much each is longer than the one before.
    """

    max_retries: int = 2
    total_s: float = 60.0
    first_s: float = 0.1
    most_s: float = 15.0
    base: float = 2.0

    @classmethod
    def from_options(cls, options: Mapping[str, str]) -> RetryPolicy:
        """Return the policy of options. Values that are no numbers count as the defaults."""
        default = cls()
        return cls(
            _whole_number(options.get("max_retries"), default.max_retries),
            _seconds(options.get("retry_timeout_ms"), default.total_s),
            _seconds(options.get("retry_init_backoff_ms"), default.first_s),
            _seconds(options.get("retry_max_backoff_ms"), default.most_s),
            max(1.0, _number(options.get("retry_base_multiplier"), default.base)),
        )

    def wait_s(self, retry: int, least_s: float = 0.0) -> float:
        """Return the seconds to wait before a repetition; the first one is number 0.

        They vary by a fifth, so that many readers do not come back at the same moment.
        """
        return max(least_s, min(self.most_s, self.first_s * self.base**retry)) * random.uniform(1.0, 1.2)


def _whole_number(text: str | None, default: int) -> int:
    try:
        number = int(text) if text is not None else default
    except ValueError:
        return default
    return number if 0 <= number <= 1000 else default


def _number(text: str | None, default: float) -> float:
    try:
        number = float(text) if text is not None else default
    except ValueError:
        return default
    return number if 0 <= number < 1e9 else default


def _seconds(milliseconds: str | None, default_s: float) -> float:
    return _number(milliseconds, default_s * 1000) / 1000
