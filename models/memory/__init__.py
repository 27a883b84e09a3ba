"""What people took: for a query, as a profile, and what is predicted before anybody has.

Imports records and statistics.
"""
