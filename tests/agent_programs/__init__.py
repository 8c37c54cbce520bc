"""The real Codex CLI, Gemini CLI and OpenCode in tests: homes of their own, and a fake model on loopback.

    async with program("codex", tmp_path) as codex:
        codex.model.on("hello", f"{codex.shell('ls')}\\n@@say hi")
        ...                                                # start `codex.command` in `codex.folder` with `codex.env`

They come from npm, which the suite does not ask: tests that use them run where the program is on the PATH, and are
skipped elsewhere, in CI too. What the fakes of `tests.fakes.agents` print is held against recordings of the real ones,
and those against the real ones wherever these tests run.
"""

from tests.agent_programs.program import NAMES, Program, program

__all__ = ["NAMES", "Program", "program"]
