"""Rankers that are trained in batches: training, keeping, serving."""
