"""Tests of ltrr.retrievers.bounds."""
