"""What this process has seen of late, for the dashboard: pages and actions, steps of time, and what they tell.

Imports the decisions, retrieval, metrics and settings of the application, and the core.
"""
