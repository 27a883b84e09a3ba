"""From whoever has an event to Kafka, through a spool on disk. Imports events, files and kafka."""
