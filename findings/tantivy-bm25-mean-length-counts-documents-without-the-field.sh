#!/usr/bin/env bash
# tantivy 0.27.0 (Python): the mean length of a field in BM25 is taken over all documents, those that do not have the
# field as well. Where one document in a thousand has aliases, each of these seems some thousand times as long as they
# are, and a word that one document alone has in its aliases scores .0176, where it scores 7.20 as a word of its name,
# of the same length: the fewer documents have a field, the less a match there counts, though it is as rare. Lucene
# takes the mean over the documents that have the field. A boost for the field has to be some hundred times larger than
# one would give it, or every document has to have the field.
# Seen: 7.1959 where all have the field, 1.5370 for one in ten, .1734 for one in a hundred, .0176 for one in a thousand.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check tantivy==0.27.0
"$folder/venv/bin/python" - <<'END'
import sys

import tantivy

DOCUMENTS = 2_000


def scores(one_in: int) -> tuple[float, float]:
    """Return what a word of the sparse field scores, and one of the field that all documents have."""
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("name")
    builder.add_text_field("aliases")
    schema = builder.build()
    index = tantivy.Index(schema)
    writer = index.writer(15_000_000, 1)
    for number in range(DOCUMENTS):
        document = tantivy.Document()
        document.add_text("name", f"name{number} thing")
        if number % one_in == 0:
            document.add_text("aliases", f"alias{number} other")
        writer.add_document(document)
    writer.commit()
    index.reload()
    searcher = index.searcher()
    asked = (("aliases", "alias0"), ("name", "name0"))
    found = (searcher.search(tantivy.Query.term_query(schema, *one), 1).hits[0][0] for one in asked)
    aliases, names = found
    return round(aliases, 4), round(names, 4)


seen = {one_in: scores(one_in) for one_in in (1, 10, 100, 1_000)}
print(seen)
if seen != {1: (7.1959, 7.1959), 10: (1.537, 7.1959), 100: (0.1734, 7.1959), 1_000: (0.0176, 7.1959)}:
    sys.exit("this has changed")
END
echo "still so"
