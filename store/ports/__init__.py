"""What the hub needs from a store, one Protocol per noun; `store.Store` ties them together.

Every adapter (SQLite, Postgres, in memory, or a third party's) implements all of them and passes the contract suite in
`tests/contract/store`. Methods return frozen dataclasses of `airchat.protocol`; none holds a rule of the hub.
"""
