"""Science under a ``Job``: long work that writes files, resumes, and runs on several processes."""
