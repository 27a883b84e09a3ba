"""What arms are worth: context, credit, the reward model, and how far silence counts.

Imports memory, plans, records and statistics.
"""
