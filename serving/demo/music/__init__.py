"""The synthetic music catalogue, all from one seed."""
