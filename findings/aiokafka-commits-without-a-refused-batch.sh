#!/usr/bin/env bash
# aiokafka 0.14.0 on Kafka 4.1.1: a transaction of which the broker has refused a batch is committed without it, and
# `commit_transaction` raises nothing: half of what was to be written at once is there. Only the future of the refused
# record tells. With kafka-python 3.0.12 the same commit raises, and after the abort nothing is there.
# Seen, of a small record and one that is larger than its topic's `max.message.bytes`, sent to two partitions in one
# transaction, without waiting for each, and read with `read_committed`:
#   aiokafka: committed; futures: None, MessageSizeTooLargeError; read: small
#   kafka-python: MessageSizeTooLargeError from the commit; futures: None, MessageSizeTooLargeError; read: nothing
set -euo pipefail
folder=$(mktemp -d)
broker=
trap '[ -z "$broker" ] || { kill "$broker"; wait "$broker" || true; }; rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check aiokafka==0.14.0 kafka-python==3.0.12
cat > "$folder/pom.xml" <<'END'
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion><groupId>seen</groupId><artifactId>seen</artifactId><version>1</version>
  <dependencies>
    <dependency><groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>4.1.1</version></dependency>
  </dependencies>
</project>
END
mvn --quiet --batch-mode --file "$folder/pom.xml" dependency:copy-dependencies -DoutputDirectory="$folder/kafka"
read -r port controller < <(python3 -c '
import socket
with socket.socket() as one, socket.socket() as other:
    one.bind(("127.0.0.1", 0)), other.bind(("127.0.0.1", 0))
    print(one.getsockname()[1], other.getsockname()[1])')
cat > "$folder/server.properties" <<END
process.roles=broker,controller
node.id=1
controller.listener.names=CONTROLLER
listeners=PLAINTEXT://127.0.0.1:$port,CONTROLLER://127.0.0.1:$controller
advertised.listeners=PLAINTEXT://127.0.0.1:$port
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
controller.quorum.voters=1@127.0.0.1:$controller
log.dirs=$folder/log
offsets.topic.replication.factor=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=1
END
java -cp "$folder/kafka/*" kafka.tools.StorageTool format -t AAAAAAAAAAAAAAAAAAAAAA -c "$folder/server.properties" \
    > "$folder/broker.log" 2>&1
java -Xmx512m -cp "$folder/kafka/*" kafka.Kafka "$folder/server.properties" >> "$folder/broker.log" 2>&1 &
broker=$!
for _ in $(seq 120); do
    (exec 3<> "/dev/tcp/127.0.0.1/$port") 2> /dev/null && break
    sleep 0.5
done
"$folder/venv/bin/python" - "127.0.0.1:$port" <<'END'
import asyncio
import logging
import sys

import kafka
from aiokafka import AIOKafkaProducer
from kafka.admin import KafkaAdminClient, NewTopic

SERVER = sys.argv[1]
RECORDS = {"small": b"small", "large": bytes(50_000)}
logging.disable(logging.CRITICAL)


def make(topic):
    admin = KafkaAdminClient(bootstrap_servers=SERVER)
    admin.create_topics([NewTopic(topic, 2, 1, topic_configs={"max.message.bytes": "10000"})])
    admin.close()


def read(topic):
    consumer = kafka.KafkaConsumer(
        topic,
        bootstrap_servers=SERVER,
        isolation_level="read_committed",
        auto_offset_reset="earliest",
        consumer_timeout_ms=5_000,
    )
    with consumer:
        return [record.key.decode() for record in consumer]


async def by_aiokafka(topic):
    producer = AIOKafkaProducer(bootstrap_servers=SERVER, transactional_id=topic)
    await producer.start()
    said = "committed"
    await producer.begin_transaction()
    futures = [
        await producer.send(topic, value, key.encode(), partition=place)
        for place, (key, value) in enumerate(RECORDS.items())
    ]
    try:
        await producer.commit_transaction()
    except Exception as error:
        said = type(error).__name__
    told = [type(future.exception()).__name__ for future in futures]
    await producer.stop()
    return said, told


def by_kafka_python(topic):
    producer = kafka.KafkaProducer(bootstrap_servers=SERVER, transactional_id=topic)
    producer.init_transactions()
    producer.begin_transaction()
    said = "committed"
    futures = [
        producer.send(topic, value, key.encode(), partition=place) for place, (key, value) in enumerate(RECORDS.items())
    ]
    try:
        producer.commit_transaction()
    except Exception as error:
        said = type(error).__name__
        producer.abort_transaction()
    told = [type(future.exception).__name__ for future in futures]
    producer.close()
    return said, told


make("one"), make("other")
one, other = asyncio.run(by_aiokafka("one")), by_kafka_python("other")
seen = {"aiokafka": (*one, read("one")), "kafka-python": (*other, read("other"))}
print(seen)
refused = ["NoneType", "MessageSizeTooLargeError"]
if seen != {
    "aiokafka": ("committed", refused, ["small"]),
    "kafka-python": ("MessageSizeTooLargeError", refused, []),
}:
    sys.exit("this has changed")
END
