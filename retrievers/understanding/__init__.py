"""Query understanding: what the words of a query stand for in the catalogue."""
