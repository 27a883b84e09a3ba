"""Tests of models/plans."""
