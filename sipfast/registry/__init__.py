"""What SIP's words mean: tables, from which all else looks up or is generated."""
