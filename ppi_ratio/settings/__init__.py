"""YAML and options -> frozen settings, with errors that name the key."""
