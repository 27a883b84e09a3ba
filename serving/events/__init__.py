"""What files that are read have in common: their lines, how far they were loaded, and what was wrong with them."""
