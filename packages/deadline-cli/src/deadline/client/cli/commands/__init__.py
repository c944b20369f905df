"""The commands, one module for each group; groups with many have one for each command."""
