"""The causal Transformer: attention, layers, scaled inputs, streaming scorer, device."""
