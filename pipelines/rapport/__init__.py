"""The report of an occasion, made from a frozen publication only: one data object, Word and PDF/UA."""
