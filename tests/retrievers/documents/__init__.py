"""Tests of retrievers/documents."""
