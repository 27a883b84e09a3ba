"""What two processes of one service tell each other: objects, one after the other, over a pair of sockets."""

import asyncio
import pickle
import socket
import struct
from typing import Self

_LENGTH = struct.Struct("<Q")


class Link:
    """One end of a pair of sockets, which only these two processes have: what comes there is ours."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    @classmethod
    async def over(cls, end: socket.socket) -> Self:
        """Return a link over an end of a pair, in the running event loop."""
        return cls(*await asyncio.open_connection(sock=end))

    def send(self, message: object) -> None:
        """Send an object; it arrives after all that were sent before. What cannot be sent any more is lost."""
        data = pickle.dumps(message, protocol=pickle.HIGHEST_PROTOCOL)
        self._writer.write(_LENGTH.pack(len(data)) + data)

    async def sent(self) -> None:
        """Wait until most of what was sent is on its way."""
        await self._writer.drain()

    async def receive(self) -> object | None:
        """Return the next object; None where the other process has gone."""
        try:
            (length,) = _LENGTH.unpack(await self._reader.readexactly(_LENGTH.size))
            message: object = pickle.loads(await self._reader.readexactly(length))  # noqa: S301  # of our own process
        except (asyncio.IncompleteReadError, OSError):
            return None
        return message

    def close(self) -> None:
        """Let the other process see that this one has gone."""
        self._writer.close()
