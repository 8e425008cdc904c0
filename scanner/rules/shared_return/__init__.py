"""Functions that hand out an object which outlives the call: what they return, and what is worth minding."""
