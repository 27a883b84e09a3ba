"""Processes that search for one service: more than one core. Imports search, versions, retrieval, decisions."""
