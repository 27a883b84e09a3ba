"""How a worker's process ends that loses Kafka while it starts."""

import subprocess
import sys
from pathlib import Path

_HOST = """
import signal, sys
from pathlib import Path

import typer

from ltrr.serving.commands.worker import Host
from ltrr.serving.logs import write_logs
from ltrr.serving.retrieval.opening import strategy_arms
from ltrr.serving.settings.settings import Settings
from ltrr.streams.kafka.brokers import Brokers
from ltrr.streams.workers.worker import Worker

write_logs()
learning = Settings().learning(strategy_arms())
end = lambda: signal.raise_signal(signal.SIGTERM)
try:
    Host(Worker(Brokers("127.0.0.1:1"), learning, "v1", 4, name="own", data_dir=Path(sys.argv[1]), end=end)).run()
except typer.Exit as ended:
    sys.exit(ended.exit_code)
"""


def test_without_kafka_the_last_line_says_what_to_do(tmp_path: Path):
    """Where nothing answers by the time that it connects: one CRITICAL line, the last one, and no traceback."""
    command = [sys.executable, "-c", _HOST, str(tmp_path)]
    ended = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    lines = [line for line in ended.stderr.splitlines() if " WARNING " not in line]
    assert (ended.returncode, len(lines)) == (1, 1), ended.stderr
    assert ended.stderr.splitlines()[-1] == lines[0]
    assert " CRITICAL Kafka at 127.0.0.1:1: " in lines[0]
    assert "start this worker again" in lines[0]
