"""The application: frame, controllers, the worker thread and its messages."""
