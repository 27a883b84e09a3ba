"""The contracts of strategies, policies and estimators as tests, for those that other packages bring too.

`python -m pytest --pyargs ltrr.testing -k NAME` holds an installed part to what is promised for every part of its kind.
"""
