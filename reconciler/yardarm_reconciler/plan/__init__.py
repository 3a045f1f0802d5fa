"""Desired versus desired: what can differ between two revisions, and what a difference means to people."""
