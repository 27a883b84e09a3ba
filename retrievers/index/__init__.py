"""The catalogue in a process: cards, engines, one wave of retrieval over them."""
