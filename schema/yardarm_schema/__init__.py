"""The contract: what a person may write in a config repository and in the operator's settings. No I/O."""
