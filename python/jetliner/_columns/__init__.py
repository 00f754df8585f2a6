"""From the batches of the core to frames of Polars that have exactly the wanted columns."""
