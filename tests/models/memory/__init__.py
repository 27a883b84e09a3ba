"""Tests of models/memory."""
