#!/usr/bin/env bash
# WordLlama 0.4.0.post1, the weights in its wheel: what is typed at random is nearer to names that share some letters
# than many words are to their synonyms. Rare texts fall into pieces of one to three letters, and pieces have vectors
# like words. So no least similarity tells a page of near meanings from a page of junk: one that keeps "trousers" for
# "pants" takes "hdf5" for "asdfgh". Whoever wants to show nothing for gibberish has to know words by other means.
# Seen: asdfgh / hdf5 .71, zzqqxx / zeromq .53, qwertz / qt5 assistant .47; sofa / couch .51, trousers / pants
# .22, umbrella / parasol .03.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check wordllama==0.4.0.post1
package=$("$folder/venv/bin/python" -c 'import importlib.util as u; print(u.find_spec("wordllama").submodule_search_locations[0])')
ln -s tokenizers "$package/tokenizer" # where its loader looks for what the wheel has in `tokenizers`
"$folder/venv/bin/python" - <<'END'
import sys

from wordllama import WordLlama

model = WordLlama.load()
gibberish = [("asdfgh", "hdf5"), ("zzqqxx", "zeromq"), ("qwertz", "qt5 assistant")]
synonyms = [("trousers", "pants"), ("umbrella", "parasol"), ("sofa", "couch")]
found = {}
for kind, pairs in {"gibberish": gibberish, "synonyms": synonyms}.items():
    found[kind] = [model.similarity(*pair) for pair in pairs]
    for (one, other), similarity in zip(pairs, found[kind]):
        print(f"{kind}: {one} / {other} {similarity:.2f}")
least, most = min(found["gibberish"]), sorted(found["synonyms"])[1]
print("the least of gibberish above two of three synonyms:", least > most)
sys.exit(not least > most)
END
