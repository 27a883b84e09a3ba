"""What searches retrieve from, how it is run, and what the memory knows of a query."""
