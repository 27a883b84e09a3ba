"""Tests of models/batch_ranking."""
