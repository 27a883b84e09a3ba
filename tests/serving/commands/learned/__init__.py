"""Tests of serving/commands/learned."""
