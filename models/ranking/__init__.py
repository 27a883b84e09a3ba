"""The order of the union, and the position curve. Imports rewards and what that imports."""
