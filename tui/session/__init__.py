"""The state of one run of the app, without a screen: history, threshold, filters, marks, rates, export."""
