"""Tables of SIP's names and numbers, the single source of lookups and generated code."""
