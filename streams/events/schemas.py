"""JSON Schemas of the events, for producers in other languages; `python -m ltrr.streams.events.schemas` writes them."""

import json
from pathlib import Path

from ltrr.streams.events.entity_event import EntityEvent
from ltrr.streams.events.events import ActionEvent, FeedbackEvent, Wire
from ltrr.streams.events.impression_event import ImpressionEvent

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "schemas"
_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_EVENTS: dict[str, type[Wire]] = {
    "action": ActionEvent,
    "entity": EntityEvent,
    "feedback": FeedbackEvent,
    "impression": ImpressionEvent,
}


def schemas() -> dict[str, str]:
    """Return file name -> the text that docs/schemas/ should hold."""
    return {
        f"{name}.json": json.dumps({"$schema": _DIALECT, **event.model_json_schema()}, indent=2) + "\n"
        for name, event in _EVENTS.items()
    }


def main() -> None:
    """Write every schema."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, text in schemas().items():
        (FOLDER / name).write_text(text)


if __name__ == "__main__":
    main()
