"""Taking turns: one piece of work at a time, with rounds of the loop between for whoever does not wait."""

import asyncio

from ltrr.serving.turns import Turns


async def work(turns: Turns, done: list[str], name: str, pieces: int) -> None:
    """Take some turns, and write down each."""
    for _ in range(pieces):
        await turns.take()
        done.append(name)


async def others(done: list[str]) -> None:
    """Write down each round of the loop."""
    while True:
        done.append(".")
        await asyncio.sleep(0)


def test_pieces_go_on_in_turn_and_others_between():
    """However many have work to do, they go on one after the other, and the loop goes round between two pieces."""

    async def played() -> str:
        turns, done = Turns(), list[str]()
        beside = asyncio.create_task(others(done))
        await asyncio.gather(*(work(turns, done, name, 3) for name in "abcd"))
        beside.cancel()
        return "".join(done)

    done = asyncio.run(played())
    assert done.replace(".", "") == "aabcdabcdbcd"  # the first waits for nobody, and then again like all
    assert not any(first + second in done for first in "abcd" for second in "abcd")


def test_who_is_cancelled_keeps_nobody_waiting():
    """One that waits no longer is passed over, and one alone waits for nobody."""

    async def played() -> list[str]:
        turns, done = Turns(), list[str]()
        first, gone, last = (asyncio.create_task(work(turns, done, name, 2)) for name in ("first", "gone", "last"))
        await asyncio.sleep(0)
        gone.cancel()
        await asyncio.gather(first, last)
        for _ in range(10):
            await asyncio.sleep(0)
        await asyncio.wait_for(work(turns, done, "alone", 1), 5)
        return done

    assert asyncio.run(played()) == ["first", "first", "last", "last", "alone"]


def test_another_loop_begins_anew():
    """Where a loop has ended while somebody waited, the next one waits for nobody of it."""
    turns, done = Turns(), list[str]()

    async def left() -> None:
        await turns.take()
        asyncio.create_task(work(turns, done, "left", 1))  # noqa: RUF006  # it ends with the loop
        await asyncio.sleep(0)

    asyncio.run(left())
    asyncio.run(work(turns, done, "next", 2))
    assert done == ["next", "next"]
