"""The cluster and its clients: where it is, its topics, reading. Imports events."""
