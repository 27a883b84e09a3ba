"""Other bandits as players of the world: libraries as they come, and methods of the field by their papers, tuned."""
