"""SQL, the only truth: tables, repositories, migrations, outbox."""
