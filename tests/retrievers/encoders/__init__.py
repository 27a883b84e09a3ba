"""Tests of retrievers.encoders."""
