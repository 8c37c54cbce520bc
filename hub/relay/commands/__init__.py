"""Commands: what people of a bridged platform can ask of the hub, the same wherever they are.

`table` lists them, `desk` answers for the bridges; one file per noun holds what they do. Replies are CommonMark with
buttons and forms, which each bridge shows in its own way.
"""
