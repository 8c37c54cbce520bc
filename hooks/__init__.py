"""What an agent CLI runs by itself: hooks, slash commands, and the installer that puts them in place."""
