"""A section of ours in a Markdown text that belongs to somebody else, between two marks."""

BEGIN = "<!-- airchat: begin; `airchat setup` keeps what stands in here -->"
END = "<!-- airchat: end -->"


def put(text: str, section: str) -> str:
    """Return the text with this section: in the place of the old one, else at its end."""
    ours = f"{BEGIN}\n{section.strip()}\n{END}\n"
    before, found, behind = _cut(text)
    if found:
        return before + ours + behind
    gap = "" if not text or text.endswith("\n\n") else "\n" if text.endswith("\n") else "\n\n"
    return text + gap + ours


def take(text: str) -> str:
    """Return the text without the section."""
    before, found, behind = _cut(text)
    return before.removesuffix("\n") + behind if found and before.endswith("\n\n") else before + behind


def _cut(text: str) -> tuple[str, bool, str]:
    """Return what stands before the section, whether there is one, and what stands behind it."""
    start = text.find(BEGIN)
    end = text.find(END, start)
    if start < 0 or end < 0:
        return text, False, ""
    return text[:start], True, text[end + len(END) :].removeprefix("\n")
