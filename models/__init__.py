"""The pure core: what a search decides, logs and learns; no Kafka, HTTP, clock or environment."""
