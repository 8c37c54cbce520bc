"""What the IRC server is measured by, each beside ngircd, which stores nothing, in the same run."""
