"""What a worker runs: ids in, service calls in transactions, out; everything is safe to run twice."""
