"""How fast, how fresh, and how it grows: each beside a bare peer, or over sizes. Imports running, and core."""
