"""How ltrr and the servers it needs are run."""
