-- What can be found: one row per thing that has a page of its own.
CREATE TABLE search_document (
    tenant TEXT NOT NULL,
    id TEXT NOT NULL,
    kind TEXT NOT NULL,
    title TEXT NOT NULL,
    summary TEXT NOT NULL,
    url TEXT NOT NULL,
    day TEXT,
    PRIMARY KEY (tenant, id)
);

-- Its words, stemmed; `weight` is higher for words of the title.
CREATE TABLE search_term (
    tenant TEXT NOT NULL,
    term TEXT NOT NULL,
    document TEXT NOT NULL,
    weight BIGINT NOT NULL,
    PRIMARY KEY (tenant, term, document)
);

CREATE INDEX search_term_document ON search_term (tenant, document);
