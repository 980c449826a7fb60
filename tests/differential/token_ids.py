"""Our token ids against the reference library's, over many tokenizers and texts.

usage: token_ids.py AUDIT MODELS [MEGABYTES]
       token_ids.py --record FILE

AUDIT is the program, MODELS a folder whose models' tokenizer.json are taken as
they are; others are made here, one for each kind of part. Skips (77) where the
reference library (`tokenizers`) is not installed. --record writes small ones of
them with the reference's ids of a few texts: tests/data/token-cases.json.
"""
import glob
import json
import os
import random
import subprocess
import sys
import tempfile
import unicodedata

try:
    import tokenizers
    from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers
    from tokenizers import pre_tokenizers, processors, trainers
except ImportError:
    print("the reference library tokenizers is not installed")
    sys.exit(77)

random.seed(20240607)
AUDIT, MODELS = sys.argv[1:3]
RECORD = AUDIT == "--record"
MEGABYTES = float(sys.argv[3]) if len(sys.argv) > 3 else 0.05

# ---- texts ---------------------------------------------------------------------------------

# Characters that are assigned in Python's Unicode; later ones differ between libraries.
ASSIGNED = [chr(c) for c in range(0x110000)
            if unicodedata.category(chr(c)) not in ("Cn", "Cs")]
BY_BLOCK = {}
for ch in ASSIGNED:
    BY_BLOCK.setdefault(ord(ch) >> 7, []).append(ch)
MARKS = [c for c in ASSIGNED if unicodedata.category(c) in ("Mn", "Mc", "Me")]
SPACES = [c for c in ASSIGNED if c.isspace() or unicodedata.category(c).startswith("Z")]
SPECIAL = ["<|endoftext|>", "<|startoftext|>", "<|start|>", "<|end|>", "[CLS]", "[MASK]", "<s>",
           "</s>", "<unk>", "<pad>", "Yesterday", " tok ", "<mask>", "▁", "<0x41>", "##ing"]
EMOJI = ["🙂", "🙃", "👩‍👩‍👧‍👦", "🇩🇪", "👍🏽", "❤️", "1️⃣", "🏳️‍🌈", "\U0001f9d1‍🚀"]
WORDS = ("the quick Brown FOX jumps over lazyDogs and don't we'll THEY'RE I'm she'd it'S can'ſ "
         "naïve café Straße ΣΊΣΥΦΟΣ İstanbul ǅungla ﬁnance ﬃ Ａｆｕｌｌｗｉｄｔｈ ½ ² ①② Ⅷ 12345 3.14 "
         "2024-06-07 0x1F a_b_c foo(bar) x+=1; \\n\\t {json: true} https://example.org/a?b=c "
         "漢字かな交じり文 東京都 한국어 조합 ひらがな カタカナ ー ไทย हिन्दी मानक العربية עברית "
         "е́ё йод Ελλάδα ქართული Հայերեն αβγ ½x x² ™ № ﷺ ｶﾞ が e\u0301 a\u030a\u0323 \u1e9b\u0323"
         ).split()


def some_words():
    out = []
    for _ in range(random.randint(1, 30)):
        out.append(random.choice(WORDS))
        out.append(random.choice([" ", " ", " ", " ", "", "  ", "\n", "\t", "\r\n", " \n ", "-"]))
    return "".join(out)


def some_block():
    block = random.choice(list(BY_BLOCK.values()))
    return "".join(random.choice(block) for _ in range(random.randint(1, 40)))


def some_mixture():
    out = []
    for _ in range(random.randint(1, 40)):
        out.append(random.choice([
            lambda: random.choice(WORDS), lambda: random.choice(MARKS),
            lambda: random.choice(SPACES), lambda: random.choice(EMOJI),
            lambda: random.choice(SPECIAL), lambda: random.choice(ASSIGNED),
            lambda: chr(random.randint(32, 126)), lambda: "'" + random.choice("sStTmMdDſ"),
            lambda: str(random.randint(0, 99999)), lambda: " " * random.randint(1, 5),
            lambda: "\n" * random.randint(1, 3), lambda: random.choice("aA") * random.randint(1, 80),
        ])())
    return "".join(out)


def code_files():
    files = sorted(glob.glob(os.path.join(os.path.dirname(os.__file__), "*.py")))
    random.shuffle(files)
    for name in files:
        with open(name, encoding="utf-8", errors="replace") as f:
            text = f.read()
        for at in range(0, len(text), 1500):
            yield text[at:at + 1500]


def broken(text):
    """Bytes that are no UTF-8, here and there."""
    data = bytearray(text.encode())
    for _ in range(random.randint(1, 6)):
        if data:
            at = random.randrange(len(data))
            data[at:at + random.randint(0, 2)] = bytes(
                random.choice(b"\x80\xbf\xc0\xc3\xe2\xed\xa0\xf0\x9f\xf4\x90\xff\x41")
                for _ in range(random.randint(1, 3)))
    return bytes(data)


def make_texts(size):
    code, texts, total = code_files(), [], 0
    while total < size:
        pick = random.random()
        if pick < 0.45:
            text = next(code, None) or some_words()
        elif pick < 0.65:
            text = some_words()
        elif pick < 0.8:
            text = some_block()
        else:
            text = some_mixture()
        data = broken(text) if random.random() < 0.05 else text.encode()
        texts.append(data)
        total += len(data)
    return texts


def every_character():
    """Each assigned character between letters, in texts of a hundred."""
    for at in range(0, len(ASSIGNED), 100):
        yield "".join(f"a{c}b{c}{c} {c} '{c}\n" for c in ASSIGNED[at:at + 100]
                      if c not in "\r\n").encode()


# ---- tokenizers ----------------------------------------------------------------------------------

def small(size):
    return min(size, 330) if RECORD else size


TRAINING = [some_words() for _ in range(1500)] + [some_mixture() for _ in range(500)]
FEW_CHARACTERS = [some_words() for _ in range(2500)]
if RECORD:
    TRAINING = FEW_CHARACTERS = [" ".join(random.sample(WORDS[:48], 12)) for _ in range(40)]
ALPHABET = pre_tokenizers.ByteLevel.alphabet()


def bpe(size=900, normalizer=None, pre=None, post=None, special=("<|endoftext|>", "<pad>"),
        alphabet=ALPHABET, model=None, **options):
    tok = Tokenizer(model or models.BPE(**options))
    tok.normalizer, tok.pre_tokenizer = normalizer, pre
    extra = {k: options[k] for k in ("continuing_subword_prefix", "end_of_word_suffix")
             if k in options}
    tok.train_from_iterator(TRAINING, trainers.BpeTrainer(
        vocab_size=small(size), special_tokens=list(special), initial_alphabet=alphabet or [],
        show_progress=False, limit_alphabet=400, **extra))
    if post:
        tok.post_processor = post
    return tok


def byte_level(**kw):
    return pre_tokenizers.ByteLevel(**kw)


def split_pattern(pattern, behavior="isolated", invert=False, regex=True):
    return pre_tokenizers.Split(Regex(pattern) if regex else pattern, behavior, invert)


def after_byte_level(*steps):
    return pre_tokenizers.Sequence(list(steps) + [byte_level(add_prefix_space=False,
                                                             use_regex=False)])


def edit(tok, change):
    data = json.loads(tok.to_str())
    change(data)
    return Tokenizer.from_str(json.dumps(data))


def with_bytes(tok, where="model"):
    """<0xNN> tokens and byte_fallback."""
    def change(data):
        vocab = data["model"]["vocab"]
        for b in range(256):
            name = f"<0x{b:02X}>"
            if isinstance(vocab, dict):
                vocab.setdefault(name, len(vocab))
            else:
                vocab.append([name, -20.0])
        data["model"]["byte_fallback"] = True
    return edit(tok, change)


def unigram(normalizer=None, pre=None, post=None, size=800):
    tok = Tokenizer(models.Unigram())
    tok.normalizer, tok.pre_tokenizer = normalizer, pre
    tok.train_from_iterator(FEW_CHARACTERS, trainers.UnigramTrainer(
        vocab_size=small(size), unk_token="<unk>", special_tokens=["<unk>", "<s>", "</s>"],
        show_progress=False))
    if post:
        tok.post_processor = post
    return tok


def wordpiece(normalizer, pre, size=1200):
    tok = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tok.normalizer, tok.pre_tokenizer = normalizer, pre
    tok.train_from_iterator(TRAINING, trainers.WordPieceTrainer(
        vocab_size=small(size), special_tokens=["[UNK]", "[CLS]", "[SEP]", "[MASK]"],
        show_progress=False))
    tok.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1",
        special_tokens=[("[CLS]", tok.token_to_id("[CLS]")), ("[SEP]", tok.token_to_id("[SEP]"))])
    return tok


def wordlevel(pre, normalizer=None):
    tok = Tokenizer(models.WordLevel(unk_token="<unk>"))
    tok.normalizer, tok.pre_tokenizer = normalizer, pre
    tok.train_from_iterator(TRAINING, trainers.WordLevelTrainer(
        vocab_size=small(3000), special_tokens=["<unk>", "<s>"], show_progress=False))
    return tok


def charsmap():
    """A precompiled map as SentencePiece writes it, from its own trainer when it is there."""
    try:
        import io
        import sentencepiece
    except ImportError:
        return None
    model = io.BytesIO()
    with tempfile.NamedTemporaryFile("w", suffix=".tsv") as rules:
        # A few rules of ours where the map is to be small.
        rules.write("FB01\t66 69\nFF21\t41\nBD\t31 2044 32\n20AC\n65 301\tE9\n61 62\t78\n41 30A\tC5\n")
        rules.flush()
        which = ({"normalization_rule_tsv": rules.name} if RECORD
                 else {"normalization_rule_name": "nmt_nfkc"})
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=iter(FEW_CHARACTERS), model_writer=model,
            vocab_size=140 if RECORD else 360, minloglevel=2, **which)
    from sentencepiece import sentencepiece_model_pb2 as pb
    proto = pb.ModelProto()
    proto.ParseFromString(model.getvalue())
    return proto.normalizer_spec.precompiled_charsmap


def with_spaces(tok):
    """Added tokens that meet in white space."""
    tok.add_tokens([AddedToken(" ", lstrip=True, rstrip=True, normalized=False),
                    AddedToken("\n", rstrip=True, normalized=False),
                    AddedToken(" the", lstrip=True), AddedToken("and ", rstrip=True),
                    AddedToken("\t", lstrip=True, normalized=False), AddedToken(" f"),
                    AddedToken("x", single_word=True, rstrip=True)])
    return tok


def with_added(tok):
    """Added tokens of every kind."""
    tok.add_special_tokens([AddedToken("<mask>", lstrip=True, special=True),
                            AddedToken("<sep>", rstrip=True, special=True),
                            AddedToken("<|start|>", special=True),
                            AddedToken("<|start|>x", special=True)])
    tok.add_tokens([AddedToken("Yesterday", single_word=True), AddedToken("yester"),
                    AddedToken("FOX", normalized=True), AddedToken("DON", normalized=False),
                    AddedToken(" tok ", lstrip=True, rstrip=True), AddedToken("東京"),
                    AddedToken("  ", normalized=False), AddedToken("\n\n", normalized=False),
                    AddedToken("e\u0301", normalized=True), AddedToken("ab", single_word=True)])
    return tok


GPT2 = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
QWEN35 = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N}"
          r"| ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+")
DEEPSEEK = [r"[\r\n]", r"\s?[A-Za-zµÀ-ÖØ-öø-ƺƼ-ƿǄ-ʓʕ-ʯͰ-ͳͶͷͻ-ͽͿΆΈ-ΊΌΎ-ΡΣ-ϵϷ-ҁҊ-ԯԱ-Ֆ]+",
            r"\s?[!-/:-~！-／：-～‘-‟　-。]+", r"\s+$", r"[一-龥ࠀ-一가-퟿]+"]
DEEPSEEK3 = [r"\p{N}{1,3}", r"[一-龥぀-ゟ゠-ヿ]+",
             r"[!\"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+"
             r"| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"]
TEKKEN = (r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+"
          r"|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*"
          r"|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+")
CLIP = r"<\|startoftext\|>|<\|endoftext\|>|'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"


def made():
    n, p, pp = normalizers, pre_tokenizers, processors
    yield "gpt2", bpe(pre=byte_level(add_prefix_space=False))
    yield "roberta", bpe(pre=byte_level(add_prefix_space=True), special=("<s>", "</s>", "<mask>"),
                         post=pp.RobertaProcessing(("</s>", 1), ("<s>", 0)))
    yield "qwen3.5", bpe(pre=after_byte_level(split_pattern(QWEN35)), normalizer=n.NFC())
    yield "deepseek", bpe(pre=p.Sequence([split_pattern(x) for x in DEEPSEEK] + [
        p.Digits(individual_digits=True), byte_level(add_prefix_space=False, use_regex=False)]))
    yield "deepseek3", bpe(pre=after_byte_level(*[split_pattern(x) for x in DEEPSEEK3]))
    yield "tekken", bpe(pre=after_byte_level(split_pattern(TEKKEN)))
    yield "starcoder", bpe(pre=p.Sequence([p.Digits(individual_digits=True),
                                           byte_level(add_prefix_space=False)]))
    yield "falcon", bpe(pre=p.Sequence([p.Punctuation("contiguous"),
                                        byte_level(add_prefix_space=False), p.Digits(False),
                                        split_pattern("[0-9][0-9][0-9]")]))
    yield "clip", bpe(pre=p.Sequence([split_pattern(CLIP, "removed", True),
                                      byte_level(add_prefix_space=False)]),
                      normalizer=n.Sequence([n.NFC(), n.Replace(Regex(r"\s+"), " "), n.Lowercase()]),
                      end_of_word_suffix="</w>", unk_token="<|endoftext|>")
    yield "bloom", bpe(pre=after_byte_level(split_pattern(r" ?[^(\s|\[.,!?…。，、।۔،\])]+")))
    yield "possessive", bpe(pre=after_byte_level(split_pattern(
        r"[^\r\n\p{L}\p{N}]?+\p{L}++|\p{N}{1,3}+| ?[^\s\p{L}\p{N}]++[\r\n]*+|\s++$|\s*[\r\n]|\s+(?!\S)|\s")))
    yield "words", bpe(pre=after_byte_level(split_pattern(r"\w+|[^\w\s]+|\s+")))
    yield "anchors", bpe(pre=after_byte_level(split_pattern(r"^\s+|\s+$|(?<=[a-z])(?=[A-Z])|\h{4}")))
    for behavior in ("removed", "isolated", "merged_with_previous", "merged_with_next",
                     "contiguous"):
        for invert in (False, True):
            yield f"split-{behavior}-{invert}", bpe(
                pre=after_byte_level(split_pattern(r"[aeiou]|\s", behavior, invert)), size=500)
        yield f"punctuation-{behavior}", bpe(pre=after_byte_level(p.Punctuation(behavior)), size=500)
        yield f"literal-{behavior}", bpe(
            pre=after_byte_level(split_pattern("o", behavior, False, False)), size=500)
    yield "ignore-merges", edit(bpe(pre=byte_level(add_prefix_space=False)), lambda d: (
        d["model"].update(ignore_merges=True, merges=d["model"]["merges"][::3])))
    yield "no-alphabet", bpe(pre=byte_level(add_prefix_space=False), alphabet=None)
    yield "no-alphabet-unk", bpe(pre=byte_level(add_prefix_space=False), alphabet=None,
                                 unk_token="<unk>", special=("<unk>",))
    yield "char-bpe", bpe(pre=p.WhitespaceSplit(), alphabet=None, end_of_word_suffix="</w>",
                          unk_token="<unk>", special=("<unk>",), normalizer=n.BertNormalizer())
    yield "prefix-bpe", bpe(pre=p.Whitespace(), alphabet=None, continuing_subword_prefix="##",
                            unk_token="<unk>", fuse_unk=True, special=("<unk>",))
    llama = n.Sequence([n.Prepend("▁"), n.Replace(" ", "▁")])
    plain = bpe(normalizer=llama, alphabet=None, unk_token="<unk>", fuse_unk=True,
                special=("<unk>", "<s>", "</s>"), pre=p.Split("▁", "merged_with_next"))
    plain.pre_tokenizer = None
    plain.post_processor = pp.TemplateProcessing(single="<s> $A", pair="<s> $A <s> $B",
                                                 special_tokens=[("<s>", 1)])
    yield "llama2-unk", plain
    yield "llama2", with_bytes(plain)
    gemma = bpe(normalizer=n.Replace(" ", "▁"), alphabet=None, unk_token="<unk>", fuse_unk=True,
                special=("<unk>", "<bos>"), pre=split_pattern(" ", "merged_with_previous", False, False))
    yield "gemma", with_added(with_bytes(gemma))
    for scheme in ("always", "first", "never"):
        for split in (True, False):
            tok = bpe(pre=p.Metaspace(prepend_scheme=scheme, split=True), alphabet=None,
                      unk_token="<unk>", special=("<unk>", "<s>", "<|start|>"))
            tok.pre_tokenizer = p.Metaspace(prepend_scheme=scheme, split=split)
            yield f"metaspace-{scheme}-{split}", with_bytes(tok)
    yield "metaspace-strip", with_added(bpe(
        pre=p.Metaspace(prepend_scheme="first"), alphabet=None, unk_token="<unk>",
        special=("<unk>",), normalizer=n.Sequence([n.Strip(), n.Replace(Regex(" {2,}"), " ")])))
    t5 = unigram(pre=p.Metaspace(), normalizer=n.Sequence([n.Nmt(), n.NFKC(),
                                                           n.Replace(Regex(" {2,}"), " ")]))
    t5.post_processor = pp.TemplateProcessing(single="$A </s>", pair="$A </s> $B </s>",
                                              special_tokens=[("</s>", 2)])
    yield "unigram", t5
    yield "unigram-bytes", with_added(with_bytes(t5))
    yield "unigram-whole", unigram(normalizer=n.Sequence([n.Prepend("▁"), n.Replace(" ", "▁")]))
    chars = charsmap()
    if chars:
        yield "precompiled", unigram(
            pre=p.Metaspace(), normalizer=n.Sequence([n.Precompiled(chars), n.Strip(False, True)]))
        yield "xlnet", with_added(unigram(
            pre=p.Sequence([p.WhitespaceSplit(), p.Metaspace()]),
            normalizer=n.Sequence([n.Replace("``", '"'), n.NFKD(), n.StripAccents(), n.Lowercase(),
                                   n.Precompiled(chars)])))
    for strip, lower in ((None, True), (None, False), (True, False), (False, True)):
        yield f"bert-{strip}-{lower}", wordpiece(
            n.BertNormalizer(strip_accents=strip, lowercase=lower), p.BertPreTokenizer())
    yield "bert-added", with_added(wordpiece(n.BertNormalizer(), p.BertPreTokenizer()))
    yield "bert-plain", wordpiece(n.BertNormalizer(clean_text=False, handle_chinese_chars=False,
                                                   lowercase=False), p.BertPreTokenizer())
    yield "wordlevel-whitespace", wordlevel(p.Whitespace())
    yield "wordlevel-delimiter", wordlevel(p.CharDelimiterSplit("e"))
    yield "wordlevel-digits", wordlevel(p.Sequence([p.Digits(False), p.WhitespaceSplit()]))
    yield "wordlevel-fixed", wordlevel(p.FixedLength(3))
    yield "wordlevel-bytes", wordlevel(p.Sequence([byte_level(), p.FixedLength(2)]))
    for form in ("NFC", "NFD", "NFKC", "NFKD"):
        yield form, bpe(pre=byte_level(add_prefix_space=False), normalizer=getattr(n, form)())
    yield "strip-accents", bpe(pre=byte_level(add_prefix_space=False), normalizer=n.Sequence(
        [n.NFD(), n.StripAccents(), n.Lowercase()]))
    yield "nmt", bpe(pre=byte_level(add_prefix_space=False), normalizer=n.Sequence(
        [n.Nmt(), n.Strip(True, False)]))
    yield "norm-bytes", bpe(normalizer=n.Sequence([n.NFC(), n.ByteLevel()]), pre=split_pattern(
        r"Ġ?[A-Za-z]+|.", "isolated"))
    yield "added", with_added(bpe(pre=byte_level(add_prefix_space=False)))
    yield "added-spaces", with_spaces(bpe(pre=byte_level(add_prefix_space=False)))
    yield "added-lower", with_added(bpe(pre=byte_level(add_prefix_space=True),
                                        normalizer=n.Sequence([n.NFC(), n.Lowercase()])))
    yield "post-sequence", edit(bpe(pre=byte_level(add_prefix_space=False), post=pp.Sequence([
        pp.ByteLevel(trim_offsets=False), pp.TemplateProcessing(
            single="<pad> $A <|endoftext|>:1 <pad>", pair="$A $B", special_tokens=[
                ("<pad>", 1), ("<|endoftext|>", 0)])])), lambda d: None)


# Those whose parts ask different things about characters: with every character there is.
EVERY_CHARACTER = {"gpt2", "qwen3.5", "deepseek3", "tekken", "words", "bert-None-True", "NFC", "NFD",
                   "NFKC", "NFKD", "strip-accents", "nmt", "wordlevel-whitespace", "falcon",
                   "precompiled", "unigram", "starcoder", "llama2", "metaspace-first-True",
                   "bert-plain"}


# ---- comparison ----------------------------------------------------------------------------------

def reference(tok, text, special):
    return tok.encode(text.decode("utf-8", "replace"), add_special_tokens=special).ids


def ours(folder, path, *options):
    run = subprocess.run([AUDIT, "tokenize", folder, path, *options], capture_output=True)
    if run.returncode:
        raise RuntimeError(run.stderr.decode())
    return [json.loads(line)["ids"] for line in run.stdout.splitlines()]


def compare(name, tok, folder, lines, wholes, scratch):
    path = os.path.join(scratch, "text")
    wrong = 0
    for options, special in (((), True), (("--no-special-tokens",), False)):
        if special is False:
            lines, wholes = lines[:len(lines) // 10], wholes[:2]
        with open(path, "wb") as f:
            f.write(b"\n".join(lines) + b"\n")
        got = ours(folder, path, *options)
        if len(got) != len(lines):
            print(f"{name}: {len(got)} lines of ids for {len(lines)} lines of text")
            return 1
        pairs = list(zip(lines, got))
        for text in wholes:
            with open(path, "wb") as f:
                f.write(text)
            pairs.append((text, ours(folder, path, "--whole", *options)[0]))
        for text, ids in pairs:
            want = reference(tok, text, special)
            if ids != want:
                wrong += 1
                if wrong <= 3:
                    at = next((i for i, (a, b) in enumerate(zip(ids, want)) if a != b),
                              min(len(ids), len(want)))
                    print(f"{name}: {text[:300]!r}: at {at}: ours {ids[at:at + 6]}, "
                          f"reference {want[at:at + 6]} "
                          f"{[tok.id_to_token(i) for i in want[max(0, at - 2):at + 4]]}")
    return wrong


# Bytes that are no UTF-8: each kind of maximal part (Unicode 15, tables 3-7 and 3-8).
BAD = [b"a\xc0\xafb", b"\xe0\x80\xbf", b"\xed\xa0\x80x", b"\xf4\x91\x92\x93\xffA\x80\xbfB",
       b"\xe1\x80\xe2\xf0\x91\x92\xf1\xbf A", b"caf\xc3", b"\xff\xfe", b"ok \xf0\x9f\x99"]


def record(path):
    texts = [" ".join(WORDS[i:i + 11]).encode() for i in range(0, len(WORDS), 11)]
    texts += [b"", b" ", b"  two  spaces ", b"lines\n\nand\r\nmore\n", b"x" * 70, b"Yesterday yesterday",
              "é e\u0301 ﬁ ½ ٣ ￼ \u00a0nbsp\u3000ideographic\u2028line".encode(),
              " ".join(EMOJI).encode(), b" <mask>  <sep>  a<|start|>x DON don fox ab abc",
              "东京東京 ab  <0x41> ▁a ▁▁b".encode(), b"\x00\x01\x7f ctl\x1b"] + BAD
    cases = []
    for name, tok in made():
        data = tok.to_str(pretty=False)
        tok = Tokenizer.from_str(data)
        rows = []
        for text in texts:
            ids, special = reference(tok, text, False), reference(tok, text, True)
            row = {"ids": ids} if ids == special else {"ids": ids, "special": special}
            rows.append({"hex": text.hex(), **row})
        cases.append({"name": name, "tokenizer": data, "texts": rows})
    with open(path, "w", encoding="utf-8") as f:
        f.write('{"reference": "tokenizers %s", "cases": [\n' % tokenizers.__version__)
        f.write(",\n".join(json.dumps(c, ensure_ascii=False) for c in cases) + "\n]}\n")
    print(f"{len(cases)} tokenizers, {len(texts)} texts")
    return 0


def main():
    if RECORD:
        return record(MODELS)
    texts = make_texts(MEGABYTES * 1e6) + BAD
    lines = [t for text in texts for t in text.replace(b"\r\n", b"\n").split(b"\n")
             if not t.endswith(b"\r")]
    wholes = [b"".join(texts[i::8]) for i in range(8)]
    few, seen = lines[:len(lines) // 8], set()
    wrong = count = 0
    with tempfile.TemporaryDirectory() as scratch:
        only = os.environ.get("ONLY")
        for path in sorted(glob.glob(os.path.join(MODELS, "*", "tokenizer.json"))):
            name = os.path.basename(os.path.dirname(path))
            if only and name not in only.split(","):
                continue
            with open(path, encoding="utf-8") as f:
                data = json.load(f)
            kind = json.dumps([data["normalizer"], data["pre_tokenizer"], data["model"]["type"]])
            # All of the text for one of each kind, an eighth for those that are like it.
            new = kind not in seen
            seen.add(kind)
            wrong += compare(name, Tokenizer.from_file(path), os.path.dirname(path),
                             lines if new else few, wholes if new else wholes[:1], scratch)
            count += 1
        characters = [line for text in every_character() for line in text.split(b"\n")]
        for name, tok in made():
            if only and name not in only.split(","):
                continue
            folder = os.path.join(scratch, name)
            os.mkdir(folder)
            tok.save(os.path.join(folder, "tokenizer.json"))
            tok = Tokenizer.from_file(os.path.join(folder, "tokenizer.json"))
            extra = characters if name in EVERY_CHARACTER else []
            wrong += compare(name, tok, folder, lines[:6000] + extra,
                             [text[:200000] for text in wholes[:3]], scratch)
            count += 1
    size = sum(map(len, texts)) / 1e6
    print(f"{count} tokenizers, {size:.2f} MB of text, {len(lines)} lines, tokenizers "
          f"{tokenizers.__version__}: {wrong} differences")
    return wrong != 0


sys.exit(main())
