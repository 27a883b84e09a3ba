"""The C library's allocator: what engines and their threads have freed stays with it, unless it is told. Linux, glibc.

Elsewhere these do nothing. Source: mallopt(3), malloc_trim(3).
"""

import ctypes
from typing import Final

_LIBRARY: Final = ctypes.CDLL(None)
_ARENA_MAX: Final = -8


def share_arena() -> None:
    """Have all threads that begin from now on allocate in one place, where each can use what others have freed."""
    if hasattr(_LIBRARY, "mallopt"):
        _LIBRARY.mallopt(_ARENA_MAX, 1)


def give_back() -> None:
    """Have the system get back what is free."""
    if hasattr(_LIBRARY, "malloc_trim"):
        _LIBRARY.malloc_trim(0)
