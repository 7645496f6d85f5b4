"""Evidence to score, reasons and flagged: the decisions that an operator sees."""
