"""The YAML language server that editors run, for tests of what people see while they type."""
