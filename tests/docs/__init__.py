"""The documentation's examples, executed."""
