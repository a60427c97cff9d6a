"""YAML files and options -> validated settings; errors name the key."""
