"""A whole installation looked at, part by part, each with what to do where something is missing.

Imports the shelves of services, of loading, publishing and judging, the clients of servers, and the core.
"""
