"""The lines that Claude Code's inbox takes."""

import json


def frames(text: str, token: str) -> bytes:
    """Return who we are and the text, each as a line of JSON."""
    lines: list[dict[str, object]] = [{"type": "auth", "token": token}] if token else []
    lines.append({"type": "user", "message": {"role": "user", "content": text}})
    return b"".join(json.dumps(line).encode() + b"\n" for line in lines)
