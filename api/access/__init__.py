"""Who may call which route, and how a browser proves who it is."""
