"""How fast, how fresh, and how it grows: beside bare peers, or over sizes. Imports running, servers, sizes and core."""
