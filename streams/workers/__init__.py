"""The Faust worker that learns. Imports state, versions, kafka and events."""
