"""What all tests share."""

import gc
import os
from collections.abc import Generator, Iterator

import pytest

# each process of the tests has one core, on which the threads of these libraries would wait for each other
os.environ.update(dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1"), TOKENIZERS_PARALLELISM="false")


@pytest.fixture(autouse=True)
def _own_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the settings of whoever runs the tests out of them; session fixtures have read theirs by then."""
    for name in list(os.environ):
        if name.upper().startswith("LTRR_"):
            monkeypatch.delenv(name)


@pytest.fixture(autouse=True)
def _own_mask() -> Iterator[None]:
    """Take back how a command that ran in this process makes files: of servers that start later others have to read."""
    mask = os.umask(0o022)
    os.umask(mask)
    yield
    os.umask(mask)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Let the garbage collector walk nothing that is imported and collected: it stays. The rest it walks seldom."""
    gc.disable()
    collected = yield
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)
    gc.enable()
    return collected


@pytest.hookimpl(tryfirst=True)  # xdist reads the groups in this hook too
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Say what runs in one process where there are several (`make test`), and what comes first.

    A file's tests share fixtures. Those of servers start several processes each, and wait for them: at most every other
    process runs them, from the beginning, beside those that run the rest. Servers that are given are for one at a time.
    """
    given = any(os.environ.get(name) for name in ("LTRR_KAFKA", "LTRR_ELASTICSEARCH", "LTRR_QDRANT"))
    most = 1 if given else max(1, int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1")) // 2)
    for number, item in enumerate(items):
        if not item.get_closest_marker("servers"):
            item.add_marker(pytest.mark.xdist_group(item.nodeid.partition("::")[0]))
        elif given or not item.get_closest_marker("xdist_group"):
            item.add_marker(pytest.mark.xdist_group(f"servers {number % most}"))
    items.sort(key=lambda item: not item.get_closest_marker("servers"))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Show what tests have seen: figures for people, which decide nothing."""
    for report in terminalreporter.getreports("passed"):
        for name, said in report.user_properties:
            if name == "seen":
                terminalreporter.write_line(f"{report.nodeid}: {said}")
