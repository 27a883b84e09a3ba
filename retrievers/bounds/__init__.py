"""What a query says of numbers and dates of what it wants: "under 20 euros", "before 1980", "over 200 horsepower"."""
