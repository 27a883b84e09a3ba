"""Real servers and ltrr's own processes, which a bench or a test starts, kills and holds to the log."""
