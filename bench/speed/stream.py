"""`ltrr bench stream`: a live worker beside a Faust agent and an aiokafka loop that do nothing, on a real Kafka.

What a worker could do at best is 1 / (an agent that does nothing + the pure fold): each event read once by Faust, and
decoded and learned once. All are measured in turns, over one log, with 1 event in a message and with 20.
"""

import asyncio
from typing import Final

from ltrr.bench.running.consumers import Took, reading, timed
from ltrr.bench.running.topics import Mix, fill, on_kafka, own_topics
from ltrr.bench.servers.replay import learn, read
from ltrr.serving.retrieval.opening import strategy_arms
from ltrr.serving.settings.settings import Settings
from ltrr.serving.terminal.bench_document import BenchDocument, Figure, Target
from ltrr.streams.events.topics import EVENT_TOPICS
from ltrr.streams.kafka import cluster
from ltrr.streams.kafka.brokers import Brokers

SIZES: Final = (1, 20)
_ROUNDS: Final = 5
_EVENTS: Final = 5_000
_MOST_PAGES: Final = 10  # of a message, which has some bytes at most
_OF_BEST: Final = 0.7
_RATE: Final = 10_000.0
_OURS, _AGENT, _LOOP, _FOLD = "ltrr worker", "Faust agent", "aiokafka loop", "pure fold"


def run(seed: int = 0, events: int = _EVENTS, rounds: int = _ROUNDS) -> BenchDocument:
    """Learn pages of 50 candidates and four clicks on each; needs a Kafka without ltrr's topics (LTRR_KAFKA)."""
    settings, bootstrap = on_kafka()
    figures: dict[str, Figure] = {}
    for size in SIZES:
        said = f"{size} event{'s' * (size > 1)} a message"
        with own_topics(bootstrap, settings.partitions):
            mix = Mix(pages_in_message=min(size, _MOST_PAGES), actions_in_message=size)
            count, messages = fill(settings, bootstrap, seed, events, mix)
            taken = [_round(settings, bootstrap, count, messages) for _ in range(rounds)]
        for name in (_OURS, _AGENT, _LOOP, _FOLD):
            figures[f"{name}, {said}"] = Figure.spread([1 / took[name].wall_s for took in taken], "events/s")
            figures[f"{name}, {said}, processor"] = Figure.spread(
                [1e6 * took[name].cpu_s for took in taken], "us/event"
            )
        for peer in (_AGENT, _LOOP):
            share = [took[peer].wall_s / took[_OURS].wall_s for took in taken]
            figures[f"{_OURS} / {peer}, {said}"] = Figure.spread(share, "ratio")
        best = [(took[_AGENT].wall_s + took[_FOLD].wall_s) / took[_OURS].wall_s for took in taken]
        figures[f"{_OURS} / 1 over (agent + fold), {said}"] = Figure.spread(best, "ratio")
        best = [(took[_AGENT].cpu_s + took[_FOLD].cpu_s) / took[_OURS].cpu_s for took in taken]
        figures[f"{_OURS} / 1 over (agent + fold), {said}, processor"] = Figure.spread(best, "ratio")
    limits = {f"{_OURS}, {said}": _RATE} | {name: _OF_BEST for name in figures if "(agent + fold)" in name}
    targets = [Target.above(name, figures, limit) for name, limit in limits.items()]
    notes = [
        (
            f"{count} events over {settings.partitions} partitions; {rounds} rounds in turns; pages of 50 candidates, "
            f"at most {_MOST_PAGES} a message, and {Mix().actions} actions on each"
        ),
        "the agent and the loop read the same bytes, and decode nothing; the agent's app is set up as our worker's",
        "the broker works on the same cores; figures by the processor count the reading process alone",
    ]
    tabled = [name for name in figures if "processor" not in name or "/" in name]
    return BenchDocument("stream", [seed], figures, targets, notes, tabled)


def _round(settings: Settings, bootstrap: Brokers, events: int, messages: int) -> dict[str, Took]:
    """Return what one event takes each."""
    ends = cluster.offsets_at(bootstrap, settings.partitions)
    start = [{topic.short: 0 for topic in EVENT_TOPICS} for _ in ends]
    records = asyncio.run(read(bootstrap, start, ends))
    learning = settings.learning(strategy_arms())
    return {
        _OURS: _each(reading("ltrr", bootstrap, settings.partitions, events), events),
        _AGENT: _each(reading("faust", bootstrap, settings.partitions, messages), events),
        _LOOP: _each(reading("aiokafka", bootstrap, settings.partitions, messages), events),
        _FOLD: _each(timed(lambda: learn(records, learning)), events),
    }


def _each(took: Took, events: int) -> Took:
    return Took(took.wall_s / events, took.cpu_s / events)
