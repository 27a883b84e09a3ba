"""What target policies would have earned on a log, and policies shown to River's own evaluations.

Imports learning and policies; nothing imports it but applications.
"""
