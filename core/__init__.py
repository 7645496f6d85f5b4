"""The way of a log line: read, parsed, templated, described by features, scored and explained. No screen in here."""

import os

# Read once, when PyTorch is first imported. Operations that MPS lacks run on the CPU instead of failing.
os.environ.setdefault("PYTORCH_ENABLE_MPS_FALLBACK", "1")
