"""What is on the log: wire models, their bytes, why one is refused, the table of topics. Imports no client of Kafka."""
