"""ElastAlert2 beside us: the same documents in the same Elasticsearch, and each rule that it can express."""
