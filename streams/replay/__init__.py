"""Stretches of the past in the one order of a replay, and learning them again."""
