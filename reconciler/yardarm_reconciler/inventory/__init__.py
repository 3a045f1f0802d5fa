"""Our record, in the cluster, of what we own there, of runs, and of the last good bytes."""
