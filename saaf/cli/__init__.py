"""The command line `saaf`."""
