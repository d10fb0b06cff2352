"""One module a case.

A case is a module with a `TITLE` and one function a peer, named by the peer's key in
`benchmarks.environment.PEERS`. The function imports its library, builds the step and returns it:
a callable without arguments that the harness calls and times, and whose value is a float, or a
list of floats, to compare between peers. The module's top level imports no peer.

Optional names:

`FAMILY`    what the table that the case belongs to is about; cases of one family share a table
`VARIANTS`  `{label: keyword arguments of the peers' functions}`, a row each
`COLLECTOR` True for a row with Python's cyclic collector at its defaults and one without it
`PER`       the name of the argument that times are divided by ("gates": time a gate)
`SLOW`      labels that `--quick` leaves out
`OWN_CLOCK` True where the callable returns the seconds itself
`remarks`   `(label, outcomes) -> list[str]`, sentences under the table

A step may have a method `facts()` that returns a dictionary of what to know about it.
"""
