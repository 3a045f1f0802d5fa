"""Changes of specs that keep every byte which they were not asked to change: text in, text out, written by nobody here."""
