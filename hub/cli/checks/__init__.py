"""What `airchat-hub doctor` looks at: each check returns one finding and changes nothing."""
