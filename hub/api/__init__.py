"""The REST API: one table of endpoints gives routes, validation, the OpenAPI document and the docs page."""
