"""How our Faust apps are set up."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final

import aiokafka
import faust
import faust.transport.drivers.aiokafka as faust_driver
from aiokafka import AIOKafkaConsumer
from aiokafka.coordinator.assignors.range import RangePartitionAssignor

from ltrr.streams.events.topics import Topic
from ltrr.streams.kafka.brokers import Brokers, Security
from ltrr.streams.kafka.consumer import consumer

# A partition of both sources must be one worker's. An app without tables gets aiokafka's round robin from Faust, which
# parts them where workers do not divide the partitions, and there is no setting for it; by range they stay together.
vars(faust_driver)["RoundRobinPartitionAssignor"] = RangePartitionAssignor

_FETCH_WAIT_MS: Final = 50


def _consumer(**settings: object) -> AIOKafkaConsumer:
    """Return a consumer that asks for what is new in short turns, where Faust has 1,500 ms and no setting for it.

    While records of a partition wait here, the broker is asked for those of others alone, and not for more of that
    partition until it has answered: a worker stood still for as long where the others had nothing new.
    """
    return consumer(**{**settings, "fetch_max_wait_ms": _FETCH_WAIT_MS})


vars(faust_driver)["aiokafka"] = SimpleNamespace(**{**vars(aiokafka), "AIOKafkaConsumer": _consumer})


def faust_app(group: str, bootstrap: Brokers, instance: str, data_dir: Path) -> faust.App:
    """Return an app that reads raw bytes and acknowledges only what it is told to.

    group: of consumers; instance: stable for each member, so that a restart is no rebalance. data_dir: of Faust's own
    files; made where missing.
    """
    data_dir.mkdir(parents=True, exist_ok=True)
    return faust.App(
        group,
        broker=[f"aiokafka://{address}" for address in bootstrap.each],
        broker_credentials=credentials(bootstrap.security),
        datadir=data_dir,
        value_serializer="raw",
        web_enabled=False,
        topic_disable_leader=True,
        topic_allow_declare=False,
        stream_wait_empty=False,
        stream_buffer_maxsize=65_536,
        table_standby_replicas=0,
        consumer_group_instance_id=instance,
        broker_session_timeout=10.0,
        broker_heartbeat_interval=2.0,
        broker_commit_interval=0.5,
        worker_redirect_stdouts=False,
    )


def raw_topic(app: faust.App, *topics: Topic) -> Any:  # noqa: ANN401  # a Faust topic
    """Return topics of raw bytes; they exist already."""
    return app.topic(*topics, key_type=bytes, value_type=bytes, key_serializer="raw", value_serializer="raw")


def credentials(security: Security) -> faust.SASLCredentials | faust.SSLCredentials | None:
    """Return what Faust is given to secure its connections; None for none."""
    context, login = security.tls(), security.login
    if login is not None:
        return faust.SASLCredentials(
            username=login.user, password=login.password, ssl_context=context, mechanism=str(login.mechanism)
        )
    return None if context is None else faust.SSLCredentials(context)
