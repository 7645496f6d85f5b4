"""Fitting a model: corpus, dataset, targets, optimisation, calibration, the model card."""
