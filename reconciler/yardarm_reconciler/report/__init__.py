"""Values to text: what people and machines read. Nothing here prints, and nothing here decides."""
