"""What was learned: sums of all shelves below, as records that are read back bit for bit."""
