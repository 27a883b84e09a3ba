"""The learner: one pure fold that joins actions with impressions and adds to the state."""
