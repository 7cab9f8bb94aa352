"""Rows of tables as commands write them: lines, tables, CSV, JSON Lines and Parquet."""
