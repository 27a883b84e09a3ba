"""Benches that play the queries of real people, from a folder of data."""
