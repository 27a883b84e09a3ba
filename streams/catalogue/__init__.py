"""The catalogue on its topic, and the agents that keep indexes in step with it. Imports workers, kafka and events."""
