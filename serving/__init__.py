"""The application: query worker, HTTP, command line, pages and the demo."""
