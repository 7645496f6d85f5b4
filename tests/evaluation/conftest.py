"""What the tests of training and evaluation share: a tiny labelled corpus and a model."""

from tests.helpers.corpus import corpus, model

__all__ = ["corpus", "model"]
