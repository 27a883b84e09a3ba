"""A picture of what systems reached: quality against calls, and over time. Plain SVG."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Final

_WIDTH: Final = 900
_HEIGHT: Final = 380
_LEFT: Final = 60
_TOP: Final = 40
_BOTTOM: Final = 330
_COLOURS: Final = ("#0b62a4", "#d1495b", "#2e933c", "#8a5fbf", "#c98a00", "#444444")


def svg(
    title: str, points: Mapping[str, tuple[float, float]], months: Sequence[str], lines: Mapping[str, Sequence[float]]
) -> str:
    """Return a picture. points: system -> (calls, quality). lines: system -> quality in each of some months."""
    parts = [_text(_LEFT, 20, title, size=15)]
    parts += _scatter(points)
    parts += _lines(months, lines)
    body = "\n".join(parts)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" font-family="sans-serif" '
        f'font-size="11"><rect width="{_WIDTH}" height="{_HEIGHT}" fill="white"/>\n{body}\n</svg>\n'
    )


def _scatter(points: Mapping[str, tuple[float, float]]) -> list[str]:
    calls = _Scale([x for x, _ in points.values()], _LEFT, 400, least=0.0)
    quality = _Scale([y for _, y in points.values()], _BOTTOM, _TOP)
    parts = [_text(_LEFT, 360, "nDCG@10 of fresh queries against calls per query"), *_axes(quality, _LEFT, 400)]
    for at, (name, (x, y)) in enumerate(points.items()):
        colour = _COLOURS[at % len(_COLOURS)]
        parts.append(f'<circle cx="{calls(x):.1f}" cy="{quality(y):.1f}" r="4" fill="{colour}"/>')
        parts.append(_text(calls(x) + 6, quality(y) + 3, name, colour=colour, size=9))
    return parts


def _lines(months: Sequence[str], lines: Mapping[str, Sequence[float]]) -> list[str]:
    quality = _Scale([y for line in lines.values() for y in line], _BOTTOM, _TOP)
    time = _Scale([0.0, max(1.0, len(months) - 1.0)], 500, 760)
    parts = [_text(500, 360, f"and by month, {months[0]} to {months[-1]}"), *_axes(quality, 500, 760)]
    for at, (name, line) in enumerate(lines.items()):
        colour = _COLOURS[at % len(_COLOURS)]
        path = " ".join(f"{time(x):.1f},{quality(y):.1f}" for x, y in enumerate(line))
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="1.5"/>')
        parts.append(_text(770, _TOP + 16 * at, name, colour=colour))
    return parts


class _Scale:
    """From numbers to pixels."""

    def __init__(self, values: Sequence[float], start: float, end: float, least: float | None = None) -> None:
        self.low = min(values) if least is None else least
        self.high = max(values)
        self._start, self._step = start, (end - start) / ((self.high - self.low) or 1.0)

    def __call__(self, value: float) -> float:
        return self._start + (value - self.low) * self._step


def _axes(quality: _Scale, left: float, right: float) -> list[str]:
    parts = []
    for value in (quality.low, (quality.low + quality.high) / 2, quality.high):
        y = quality(value)
        parts.append(f'<line x1="{left}" x2="{right}" y1="{y:.1f}" y2="{y:.1f}" stroke="#dddddd"/>')
        parts.append(_text(left - 34, y + 3, f"{value:.3f}", size=9))
    return parts


def _text(x: float, y: float, words: str, *, colour: str = "#222222", size: int = 11) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" fill="{colour}" font-size="{size}">{escape(words)}</text>'
