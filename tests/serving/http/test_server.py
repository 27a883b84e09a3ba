"""How the HTTP interface is reached."""

import socket

from ltrr.serving.http.server import bind


def test_answers_are_sent_at_once():
    """No part of an answer waits until the client has acknowledged the one before."""
    with bind("127.0.0.1", 0) as bound, socket.create_connection(bound.getsockname()):
        connection, _ = bound.accept()
        with connection:
            assert connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
