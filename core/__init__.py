"""The way of a log line: read, parsed, templated, described by features, scored and explained. No screen in here."""

import os

# Read once, when PyTorch is first imported. Operations that MPS lacks run on the CPU instead of failing.
os.environ.setdefault("PYTORCH_ENABLE_MPS_FALLBACK", "1")
# Threads that wait for each other give the core back soon: on a busy host scoring with two is five times as fast so.
os.environ.setdefault("GOMP_SPINCOUNT", "1000")
