"""The log in the process: what stands in for Kafka without one. Imports events and files."""
