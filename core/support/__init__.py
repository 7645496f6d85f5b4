"""Small services without knowledge of logs: durable files, TOML, printable text, bounded memory, resources."""
