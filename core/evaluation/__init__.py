"""What a model is worth on labelled logs, and beside simpler methods."""
