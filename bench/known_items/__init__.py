"""Known items: people who look for one thing that they know is in the catalogue, whatever catalogue it is."""
