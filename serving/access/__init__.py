"""Who may do what: keys and their roles, and a record of what was done with them. Imports no other shelf."""
