"""The server: use-cases, relay, HTTP API, dashboard and its command line."""
