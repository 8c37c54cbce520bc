"""The story `make demo` tells: real processes and sockets, a fake Slack, and every step checked."""
