"""The service in one process: embedded or on Kafka, whatever way it is asked. Imports search and versions."""
