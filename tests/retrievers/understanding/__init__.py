"""Tests of retrievers.understanding."""
