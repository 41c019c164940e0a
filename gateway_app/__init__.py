"""The partner gateway: scoped-key license generation, and nothing of the back-office."""
