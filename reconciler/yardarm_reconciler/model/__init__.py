"""The values that flow between stages. No I/O, no cleverness."""
