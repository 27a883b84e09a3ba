"""What target policies would have earned on a log.

Imports learning and policies; nothing imports it but applications.
"""
