"""Long work of the science rooms, each run as a ``Job``: it writes files and can be resumed."""
