"""What a front end holds of a stream: events in a bounded ring, filters, search, episodes, timeline."""
