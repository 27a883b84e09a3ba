"""What the baseline would have earned in the place of what was served. Imports rewards and what that imports."""
