# compose
