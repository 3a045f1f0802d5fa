"""Where specs come from: commits of a git repository, or the files of a working directory."""
