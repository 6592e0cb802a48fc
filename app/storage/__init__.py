"""PostgreSQL: the engine, the tables, the migrations. No other dialect."""
