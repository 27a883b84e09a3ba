"""Query sets with judgements, and how good the answers of a service are by them. Imports the shelves of services."""
