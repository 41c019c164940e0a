"""A contract's moving windows: how many calls it made and has left, for the gateway that spends and staff who look."""
