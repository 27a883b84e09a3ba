"""Tests of models/evaluation/estimators."""
