"""Predictions by query: what was put there last, bounded, apart by application."""

from ltrr.models.memory.prediction import PredictedQuery, Predictions


def test_predictions_follow_their_entities():
    """A query has the entities that are predicted for it now: changes and removals leave nothing behind."""
    predictions = Predictions()
    predictions.put("shop", "a", [PredictedQuery("love", 0.5), PredictedQuery("soul", 0.1)])
    predictions.put("shop", "b", [PredictedQuery("love", 0.6)])
    predictions.put("other", "c", [PredictedQuery("love", 0.9)])
    assert predictions.of("shop", "love") == {"b": 0.6, "a": 0.5}
    predictions.put("shop", "a", [PredictedQuery("love", 0.7)])
    assert predictions.of("shop", "love") == {"a": 0.7, "b": 0.6}
    assert predictions.of("shop", "soul") == {}
    predictions.put("shop", "b", ())
    assert predictions.of("shop", "love") == {"a": 0.7}
    assert len(predictions) == 2
    predictions.put("shop", "never there", ())
    assert len(predictions) == 2


def test_the_best_are_recalled():
    """A query that stands for very many entities gives the hundred best ones, ties by id."""
    predictions = Predictions()
    for number in range(300):
        predictions.put("shop", f"e{number:03d}", [PredictedQuery("jazz", 0.5 if number < 250 else 0.9)])
    found = predictions.of("shop", "jazz")
    assert list(found) == [f"e{n:03d}" for n in (*range(250, 300), *range(50))]
