"""Who may come in: accounts, passwords, second step, sessions."""
