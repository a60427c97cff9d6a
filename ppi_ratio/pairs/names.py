"""Names of columns -> which two of them hold ids, and which may hold labels or scores.

Two names are the sides of a pair if they differ in one word, such as ``a`` and ``b``, and the rest
says what an id is of: ``Official Symbol Interactor A`` and ``Official Symbol Interactor B``.
"""

import re
from collections.abc import Collection, Mapping, Sequence

SIDES = (
    *(("left", "right"), ("a", "b"), ("1", "2"), ("source", "target"), ("from", "to")),
    *(("bait", "prey"), ("x", "y"), ("i", "j"), ("first", "second"), ("head", "tail")),
    *(("one", "two"), ("alpha", "beta"), ("query", "text"), ("query", "target"), ("query", "hit")),
    *(("ligand", "receptor"), ("kinase", "substrate"), ("enzyme", "substrate"), ("kin", "sub")),
    *(("virus", "host"), ("viral", "host"), ("virus", "human"), ("viral", "human")),
    *(("pathogen", "host"), ("host", "pathogen"), ("host", "virus"), ("human", "virus")),
    *(("tf", "target"), ("regulator", "target"), ("effector", "target"), ("gene", "partner")),
    *(("antibody", "antigen"), ("tcr", "epitope"), ("cdr3", "epitope"), ("cdr3beta", "epitope")),
    *(("tcr", "peptide"), ("cdr3", "peptide"), ("cdr3beta", "peptide"), ("cdr3b", "peptide")),
    *(("cdr3b", "epitope"), ("peptide", "protein"), ("protein", "peptide"), ("toxin", "antitoxin")),
    *(("protein", "partner"), ("protein", "interactor"), ("gene", "interactor")),
)
ACCESSIONS = ("uniprotkb", "uniprot", "accession", "acc", "ac", "swissprot")
SEQUENCES = ("sequence", "seq", "aaseq", "cdr3beta", "cdr3b", "cdr3", "epitope", "peptide", "text")
NOUNS = (
    *ACCESSIONS,
    *("proteins", "protein", "prot", "genes", "gene", "orf", "locus", "symbol", "names", "name"),
    *("interactors", "interactor", "interactant", "interacting", "partner", "participant"),
    *("identifiers", "identifier", "ids", "id", "unique", "entry", "entrez", "ensembl"),
    *(
        "ensp",
        "ensg",
        "refseq",
        "string",
        "hgnc",
        "biogrid",
        "hprd",
        "ncbi",
        "kegg",
        "pdb",
        "flybase",
    ),
    *("official", "systematic", "standard", "primary", "preferred", "external", "stable", "common"),
    *("nodes", "node", "vertex", "member", "molecule", "component", "subunit", "chain", "element"),
    *("item", "object", "entity", "product", "multidata", "preferredname", "column", "col", "of"),
    *("the", "mol", "p", "g", "n", "v"),
)
LABELS = (
    *("label", "labels", "interaction", "interacts", "interacting", "y", "class"),
    *("isinteraction", "isinteracting", "interactionlabel", "islabel"),
)
POSSIBLE_LABELS = (  # a label if every value reads as one
    *("target", "targets", "outcome", "response", "truth", "groundtruth", "gt", "ytrue", "gold"),
    *("positive", "ispositive", "binding", "binder", "bind", "binds", "interact", "goldstandard"),
)
SCORES = (
    *("combinedscore", "score", "weight", "confidence", "miscore", "intactmiscore"),
    *("confidencescore", "confidencevalue", "interactionscore", "edgeweight", "stringscore"),
)
NO_LABELS = re.compile(  # words of names of columns that have two values and are no labels
    "organism|tax|species|type|system|throughput|source|database|method|detection|strand|chr"
    "|direct|evidence|study|publication|author|modification|qualification|tag|category|role"
    "|location|compartment|tissue|cell|split|fold|partition|set|mode|action|effect|curat|version"
)
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_ONLY_NOUNS = re.compile(f"(?:{'|'.join(sorted({*NOUNS, *SEQUENCES}, key=len, reverse=True))})*")


def sides_of(names: Sequence[str]) -> list[tuple[int, int]]:
    """Positions of the pairs of columns that hold two ids by their names, the best pair first.

    Accessions come before other ids, and other ids before sequences. Among equals the order of the
    columns decides.
    """
    found: dict[tuple[int, int], int] = {}
    forms = [_forms(name) for name in names]
    for first, second in SIDES:
        rests = [{rest for marker, rest in form if marker == second} for form in forms]
        for left, form in enumerate(forms):
            for rest in (rest for marker, rest in form if marker == first):
                for right in range(len(names)):
                    if right != left and rest in rests[right]:
                        found.setdefault((left, right), _rank(rest, first, second))
    ranked = sorted(found, key=lambda pair: (found[pair], pair))
    return [pair for place, pair in enumerate(ranked) if pair[::-1] not in ranked[:place]]


def first_named(names: Mapping[int, str], known: Collection[str]) -> int | None:
    """Position of the first column whose name is among ``known``, in any case and punctuation."""
    return next((i for i, name in names.items() if plain(name) in known), None)


def plain(name: str) -> str:
    """A name in lower case, without spaces and punctuation."""
    return re.sub(r"[\W_]", "", name).lower()


def _rank(rest: str, first: str, second: str) -> int:
    if any(word in rest for word in SEQUENCES) or {first, second} & {*SEQUENCES}:
        return 2
    return 0 if any(word in rest for word in ACCESSIONS) else 1


def _forms(name: str) -> set[tuple[str, str]]:
    """Each word of a name that may mark a side, with the rest of the name."""
    words = [word.lower() for word in _WORDS.findall(name)]
    whole = plain(name)
    forms = {(whole, "")}
    for place, word in enumerate(words):
        forms.add((word, "".join(words[:place] + words[place + 1 :])))
    if whole[-1:].isalpha():  # one letter at an end, in names such as ``proteina``
        forms |= {(whole[-1], whole[:-1]), (whole[0], whole[1:])}
    return {
        (word, rest)
        for word, rest in forms
        if (rest or not word.isdigit()) and _ONLY_NOUNS.fullmatch(rest)
    }
