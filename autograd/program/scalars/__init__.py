"""Programs of scalar gates: thousands of additions of Python floats, replayed as array calls."""
