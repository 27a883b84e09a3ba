"""Tests of ltrr.retrievers.understanding."""
