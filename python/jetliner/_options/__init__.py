"""The options of reading: their texts, defaults and checks. These modules only hold and check values."""
