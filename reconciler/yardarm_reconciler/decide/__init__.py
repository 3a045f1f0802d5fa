"""What is to be done, and what must wait: pure, and where the cleverness is."""
