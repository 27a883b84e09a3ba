"""What holds for the document of every bench."""

import json

from ltrr.serving.terminal.bench_document import BenchDocument


def check(document: BenchDocument, name: str) -> None:
    """Hold a document to its form: figures with intervals and units, targets that name figures."""
    shown = json.loads(json.dumps(document.as_json(), allow_nan=False))
    assert shown["bench"] == name
    assert shown["figures"]
    assert shown["notes"]
    for figure in shown["figures"].values():
        assert figure["value"] is not None
        assert figure["low"] is None or figure["low"] <= figure["high"]
        assert figure["unit"]
    assert {target["figure"] for target in shown["targets"]} <= set(shown["figures"])
