"""Measured quality of the embedded reader: documents drawn by code, read back, compared with known truth."""
