"""Tests of retrievers/requests."""
