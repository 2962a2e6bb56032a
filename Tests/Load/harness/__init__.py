"""What the benchmarks are made of: the systems that are measured, how they are measured, and the table."""
