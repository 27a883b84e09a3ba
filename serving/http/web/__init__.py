"""The web pages: documents, and the styles and scripts that are put into them. Imports nothing."""
