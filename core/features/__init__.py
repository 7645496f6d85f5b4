"""Events to the 37 inputs of the network, and the evidence that reasons are worded from.

Each feature group is one module: what it keeps of the stream, a record of what it says of an event, and the wording
of that record. `score` reads the state and leaves it as it is; `learn` takes the event in. The fields of a record that
the schema names are inputs of the network: each belongs to exactly one group.
"""
