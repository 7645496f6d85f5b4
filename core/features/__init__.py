"""Events to the 37 inputs of the network, and the evidence that reasons are worded from."""
