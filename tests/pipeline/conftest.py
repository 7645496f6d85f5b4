from tests.helpers.corpus import corpus

__all__ = ["corpus"]
