"""A simulated world whose truth is known: hidden types of queries, arms that overlap, clones, delayed clicks."""
