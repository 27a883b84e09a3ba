"""What processes tell each other arrives as it was sent."""

import asyncio
import socket

import pytest

from ltrr.models.errors import EngineTimeout, InvalidEvent, LtrrError, NotThere, UnknownName
from ltrr.serving.processes.link import Link
from ltrr.serving.processes.messages import Refusal, Reply


def test_messages_arrive_in_order_and_whole():
    """Small and large ones; after the last one there is None, and so there is after half a message."""

    async def told() -> list[object]:
        ours, theirs = socket.socketpair()
        one, other = await Link.over(ours), await Link.over(theirs)
        sent = [Reply(1, "small"), Reply(2, bytes(3_000_000)), {"last": True}]

        async def send() -> None:
            for message in sent:
                one.send(message)
                await one.sent()
            one._writer.write(b"half")
            one.close()

        sending = asyncio.ensure_future(send())
        found = [await other.receive() for _ in range(4)]
        await sending
        other.close()
        assert found[:3] == sent
        return found[3:]

    assert asyncio.run(told()) == [None]


@pytest.mark.parametrize(
    "error",
    [
        NotThere("no such field"),
        InvalidEvent("bad_json", "no JSON"),
        EngineTimeout("text", "late"),
        UnknownName("policy", "x", ["igw"]),
    ],
)
def test_a_refusal_is_the_error_that_it_was(error: LtrrError):
    """Kind, message and what it knows, whatever its arguments were."""
    found = Refusal.of(error).error()
    assert (type(found), str(found), vars(found)) == (type(error), str(error), vars(error))
