"""Events on the log: their wire form, topics, writers and readers."""
