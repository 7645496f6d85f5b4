"""Evaluation of a model on labelled logs, and comparison with simpler methods."""
