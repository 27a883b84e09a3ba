"""Versions of learned state: which is active, how each was made, forgets and ends. Imports state and kafka."""
