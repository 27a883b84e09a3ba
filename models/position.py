"""How likely a position is to be looked at."""

import math


def log_curve(positions: int) -> tuple[float, ...]:
    """Return P(looked at) for positions 1, 2, ...: 1 / log2(1 + position), in (0, 1].

    Source: the discount of Jarvelin and Kekalainen 2002, as an examination model of click logs.
    """
    return tuple(1 / math.log2(1 + position) for position in range(1, positions + 1))
