"""How far the words of a query and of an entity match: what the ranker sees without a call."""
