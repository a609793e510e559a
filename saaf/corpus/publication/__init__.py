"""Publication of a corpus as data sets are published: shards by language, a data set card, Croissant, upload."""
