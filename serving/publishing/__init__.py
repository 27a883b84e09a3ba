"""Files of events, and where they are published to."""
