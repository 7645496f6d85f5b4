"""The way of a log line: read, parsed, templated, described by features, scored and explained. No screen in here."""
