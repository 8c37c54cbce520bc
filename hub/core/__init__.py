"""Layer 2, the use-cases of the hub: one file per noun. No HTTP, no SQL; every rule of the hub lives here."""
