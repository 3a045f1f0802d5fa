"""HTTP in: small, bounded, and trusting nobody who has not proved who they are."""
