"""Sums that forget and add up, and what is estimated from them: least squares, regressors, intervals.

Imports no other shelf.
"""
