"""Small programs that speak as agent CLIs do, and do what the lines of their prompt say that begin with `@@`.

    @@say TEXT              say this
    @@tool NAME {"k": 1}    use a tool
    @@ask NAME {"k": 1}     use a tool if that is allowed; say whether it was
    @@sleep SECONDS         take so long
    @@die                   end at once, as if killed
    @@fail TEXT             fail, as when a model is overloaded
    @@past                  say how many prompts the session has had before this one

They remember their sessions in the current folder. What they print has the form of the real programs' output, as
recorded from codex-cli 0.171 in `tests/golden/agents`.
"""
