"""Forms: labels, help and the way from what was typed to what a service takes. Services clean and refuse."""
