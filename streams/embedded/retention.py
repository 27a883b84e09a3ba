"""How long, and how much, the embedded log keeps."""

import math
from dataclasses import dataclass
from typing import Final

_PARTS: Final = 8  # files are dropped whole: an eighth more than asked for may be kept
_FILE_BYTES: Final = 256_000_000


@dataclass(frozen=True, slots=True)
class Retention:
    """What may be dropped. age_s: records older than this; size: bytes of all topics above which the oldest go."""

    age_s: float = math.inf
    size: float = math.inf

    @classmethod
    def of(cls, age_s: float | None, size_mb: float | None) -> "Retention":
        """Return one as the settings say it: None for no limit, and 10^6 bytes."""
        return cls(math.inf if age_s is None else age_s, math.inf if size_mb is None else size_mb * 1e6)

    @property
    def file_s(self) -> float:
        """Return after which time a partition goes on in another file."""
        return self.age_s / _PARTS

    @property
    def file_bytes(self) -> float:
        """Return from which size on it does."""
        return min(_FILE_BYTES, self.size / _PARTS)


FOR_EVER: Final = Retention()
