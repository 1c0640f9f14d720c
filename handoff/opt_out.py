"""Words that carriers own, and the wish for no more texts in whatever words. English and Spanish. Pure.

A text that is one of the carriers' words and nothing else is minded by Twilio too, which confirms it; a wish in a sentence is
known to us alone. Any reasonable wording revokes consent (47 CFR 64.1200(a)(10)), but a story is no wish: "the bleeding would not
stop". What is read here stops all texts to somebody, so a sentence must name the texts, or be nothing but the wish.
Sources: Twilio, "Advanced Opt-Out" (default words on long codes); the sentences that it is measured by are in tests/test_opt_out.py.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

from handoff.plain import plain


class Wish(StrEnum):
    STOP = "stop"  # no more texts
    START = "start"  # texts again
    HELP = "help"  # who is this?


@dataclass(frozen=True)
class CarrierWish:
    """`keyword`: the carriers' own word and nothing else, which Twilio knows and confirms by itself. `word`: that word, or what is said.

    In capitals, both.
    """

    wish: Wish
    keyword: bool
    word: str = ""


STOPS = frozenset("STOP STOPALL UNSUBSCRIBE CANCEL END QUIT REVOKE OPTOUT".split())
STARTS = frozenset("START YES UNSTOP".split())
HELPS = frozenset("HELP INFO".split())
CARRIERS = STOPS | STARTS | HELPS


WRONG_NUMBER = "WRONG NUMBER"  # whoever has this number now is not the one we write to
_WRONG_NUMBER = re.compile(
    r"(?:sorry |hi |hello |no |you |u |think |i |believe )*"
    r"(?:(?:have|got|ve|youve|hav|this is|its|it is) )?(?:(?:the|a) )?wrong (?:number|person|phone)"
    r"(?: (?:sorry|here|please|mate|pal|buddy|again|bro))*"
    r"|(?:se ha equivocado|se equivoca|se equivoco|te equivocas|esta equivocado)(?: de (?:numero|persona))?|(?:es un )?numero equivocado"
)

# The wish in one word, alone or with the words around it that change nothing; misspelt, and in Spanish.
_BARE = frozenset(
    "stop st0p stp sotp stpo stopp sttop tsop stap stopit stops stopall unsubscribe cancel end quit revoke optout".split()
    + "alto basta parar pare paren para detener detengan detenganse cancelar desuscribir desuscribirme unsuscribe baja".split()
)
_AROUND = frozenset(
    "please pls plz plis now right away immediately thanks thank you ok okay hey hi hello just it this all me yes".split()
    + "ya already i said sms texts text".split()
    + "fuck fucking off shit crap damn bloody hell".split()
    + "por favor porfavor gracias ahora mismo hola todo esto".split()
)
_WHOLE = frozenset(
    (
        *("no more", "no mas", "opt out", "opt me out", "stop all", "remove me", "take me off", "unsubscribe me", "remove my number"),
        *("stop contacting", "stop texting", "no texts", "no text", "no texting", "dont text", "do not text", "lose my number"),
        *("delete my number", "basta ya", "ya basta", "dejenme", "dar de baja", "darme de baja", "quiero darme de baja", "baja"),
    )
)

_TEXTS = r"(?:texts?|txts?|text messages?|messages?|msgs?|mesages|sms|reminders|notifications?|surveys|subscription)"
_BETWEEN = (
    r"(?:(?:sending|send|getting|get|receiving|receive|receving|to|me|us|any|more|anymore|these|the|those|this|your|my|all|of|from|you|with"
    r"|automated|automatic|annoying|stupid|silly|bloody|damn|such|further|future|for|be|being|subscribed) ){0,6}"
)
_PESTER = (
    r"(?:texting|text|txting|messaging|message|contacting|contact|bothering|bother|spamming|spam|pestering|pester|harassing|msging"
    r"|messagin)"
)
_WHOM = r"(?:me|us|this (?:number|phone)|my (?:number|phone|cell|mobile|wife|husband|mother|father|mom|mum|dad|son|daughter)|him|her|them)"
_NOT_WISHED = (
    *("they", "nurses", "doctors", "staff", "he", "she", "it", "who", "didnt", "did", "never", "not", "dont", "wouldnt", "wont", "cant"),
    *("couldnt", "doesnt", "does", "had", "if", "when", "would", "people", "nobody"),
)
_SAYS_OF_OTHERS = (
    "you",
    "they",
    "we",
    "doctors",
    "nurses",
    "staff",
    "people",
    "who",
    "he",
    "she",
    "it",
    "clinics",
    "why",
    "if",
    "and",
    "that",
    "just",
)

# (pattern over plain words, the words right before it that make it a story)
_SENTENCES: tuple[tuple[re.Pattern[str], tuple[str, ...]], ...] = tuple(
    (re.compile(rf"\b(?:{pattern})\b"), before)
    for pattern, before in (
        (rf"(?:stop|stp|quit|cease|sotp|discontinue) (?:with )?(?:the |all |this |your )?{_PESTER}(?: {_WHOM}|$)", _NOT_WISHED),
        (rf"(?:stop|stp|sotp|quit|cease|discontinue|no more|turn off|cancel|end|halt|without any more) {_BETWEEN}{_TEXTS}", _NOT_WISHED),
        (r"(?:stop|quit|cease) sending (?:me |us )?(?:this|these|those|them|stuff|things|anything)?(?: please| now)?$", _NOT_WISHED),
        (
            rf"(?:do not|dont|never|not to|no need to) (?:ever )?(?:{_PESTER}|send) {_WHOM}(?: (?:again|any ?more|ever"
            rf"|messages|texts|more|no more|here|this|these)|$)",
            _SAYS_OF_OTHERS,
        ),
        (rf"(?:do not|dont|never) (?:{_PESTER}) {_WHOM}", (*_SAYS_OF_OTHERS, "please_not")),
        (
            rf"(?:do not|dont|no longer|didnt|did not|never) (?:want|wish|need|like|ask|asked|signed up|sign up|consent"
            rf"|agree) (?:for )?{_BETWEEN}(?:{_TEXTS}|texted|contacted|messaged)",
            ("you", "they", "we", "if", "why", "who"),
        ),
        (
            rf"(?:take|remove|delete|drop|get|scratch|strike) (?:me|us|my number|this number|my name) (?:off|from"
            rf"|out of|of) {_BETWEEN}(?:(?:mailing|text|texting|sms|contact|contacts|messaging|survey|marketing|call"
            rf"|phone) )?(?:lists?|database|{_TEXTS}|contacts|this|here)",
            ("they", "didnt", "not", "never"),
        ),
        (
            r"(?:remove|delete|erase|lose|forget) (?:my|this) (?:number|phone number|cell|contact)",
            ("they", "not", "dont", "didnt", "you", "to"),
        ),
        (
            r"(?:opt|opting|op) (?:me |us )?out(?: of (?:these|this|the|your|all|any|texts?|messages?|sms|here))?(?: \w+)?$",
            ("not", "cant", "had to", "couldnt", "didnt"),
        ),
        (
            r"(?:revoke|withdraw|revoking|withdrawing) (?:my |all |any )?(?:consent|permission"
            r"|authori[sz]ation)(?: (?:to|for) (?:texts?|be texted|being texted|texting|messages|messaging|contact|sms"
            r"|these)[\w ]*)?$",
            ("not", "they", "never"),
        ),
        (r"unsubscribe (?:me|us|my number|this number|from|please|now)", ("not", "couldnt", "cant", "tried to")),
        (r"(?:no|ningun|ni un) (?:mas|otro) (?:mensajes?|textos?|sms|avisos?|encuestas?|recordatorios?)", ()),
        (
            r"(?:deje|dejen|dejad|deja|dejes|pare|paren|parad|basta|para|eviten?) de (?:\w+ )?(?:escribir|mandar"
            r"|enviar|molestar|contactar|textear|mensajear|llenar)(?:me|nos|le|les)?(?: (?:mas |tantos |estos |los "
            r"|sus )?(?:mensajes|textos|sms|cosas|avisos))?",
            ("no", "que"),
        ),
        (
            r"(?:pare|paren|parad|detengan?|cancelen?|cancelar|quiten?|terminen?|alto a|basta de"
            r"|fin a) (?:ya )?(?:con )?(?:de )?(?:los |estos |sus |mis |todos los |la |mi |esta |tantos )?(?:mensajes"
            r"|textos|sms|avisos|suscripcion|subscripcion|encuestas)",
            ("no",),
        ),
        (
            r"no (?:me |nos )?(?:escriban?|manden?|envien?|contacten?|molesten?|texteen?|escribais|mandeis|escribas"
            r"|mandes|envies|molestes)(?: mas| nada| nunca| (?:mas )?(?:mensajes|textos|sms))+",
            ("que",),
        ),
        (r"no (?:me )?(?:escriban?|contacten?|molesten?|texteen?|escribas|molestes)(?: por favor)?$", ("que",)),
        (
            r"(?:ya )?no (?:quiero|deseo|quisiera|queremos) (?:que me |recibir |mas |sus |estos |los |tener |ningun "
            r"|que |sigan |manden |escriban |envien |texteen ){0,4}(?:mensajes?|textos?|sms|avisos|escriban|texteen"
            r"|contacten|contacten mas)",
            (),
        ),
        (
            r"(?:deme|denme|dame|dadme|quiero darme|darme|quisiera darme|solicito la|date|dar) (?:de )?baja(?: (?:de"
            r"|del) (?:los |estos |la |este |esta )?(?:mensajes|textos|sms|lista|servicio"
            r"|suscripcion))?(?: por favor)?$",
            (),
        ),
        (r"(?:borren?|eliminen?|quiten?|saquen?|retiren?|borrar|eliminar|quitar) (?:mi|este) (?:numero|telefono|celular|movil)", ("no",)),
        (
            r"(?:quitenme|quiteme|saquenme|saqueme|borrenme|borreme|eliminenme|quitame|sacame|desuscribanme"
            r"|desuscribeme)(?: de (?:su|la|esta|sus) listas?| de aqui)?",
            ("no",),
        ),
        (r"(?:revoco|retiro) (?:mi |el )?consentimiento(?: (?:para|de) [\w ]*(?:mensajes|textos|sms))?$", ("no",)),
    )
)
# These are a wish where a sentence begins with them; further on they are told of somebody.
_BEGINNING = re.compile(
    r"^(?:please |pls |just |now |so |and |ok |stop |por favor |ya )*"
    r"(?:leave me alone|leave us alone|go away|dejenme en paz|dejeme en paz|dejame en paz|stop bothering me|stop it now)\b"
)
_CLAUSE = re.compile(r"[.!?;:,\n]+")
_LONG_CRY = 10  # words; "leave me alone" at the head of a longer text begins a story
_POLITE = re.compile(r"^(?:please|pls|por favor|ok) | (?:please|pls|por favor|thanks|thank you|gracias)$")
_STRETCHED = re.compile(r"([^\W\d])\1{2,}")
_ALIKE = 0.84


def read_wish(text: str) -> CarrierWish | None:
    """What `text` wishes of its carrier, or None where it is for the clinic. YES is read as START: it counts only for who has opted out."""
    exact = text.strip().upper()
    words = _STRETCHED.sub(r"\1", plain(text))
    for wish, owned in ((Wish.STOP, STOPS), (Wish.START, STARTS), (Wish.HELP, HELPS)):
        if exact in owned:
            return CarrierWish(wish, keyword=True, word=exact)
        asked = (_POLITE.sub("", words) if wish is Wish.HELP else words).upper()
        if asked in owned and wish is not Wish.STOP:
            return CarrierWish(wish, keyword=False, word=asked)
    if _WRONG_NUMBER.fullmatch(words):
        return CarrierWish(Wish.STOP, keyword=False, word=WRONG_NUMBER)
    if _is_stop(text, words):
        return CarrierWish(Wish.STOP, keyword=False)
    if words in _STARTING:
        return CarrierWish(Wish.START, keyword=False)
    return CarrierWish(Wish.HELP, keyword=False) if words in _HELPING else None


_STARTING = frozenset(
    ["opt in", "optin", "opt me in", "resubscribe", "subscribe", "start texting me again", "text me again", "start again", "reanudar"]
)
_HELPING = frozenset(["ayuda", "informacion", "who is this", "quien es"])


def _is_stop(text: str, words: str) -> bool:
    if not words:
        return False
    misspelt = len(words.split()) <= 8 and any(_is_misspelt(word) for word in words.split())
    if _POLITE.sub("", words) in _WHOLE or _is_bare(words) or misspelt:
        return True
    if len(words.split()) <= _LONG_CRY and any(_BEGINNING.match(plain(clause)) for clause in _CLAUSE.split(text)):
        return True
    clauses = [plain(clause) for clause in _CLAUSE.split(text)]
    return any(_names_texts(clause) for clause in (*clauses, words))


def _is_bare(words: str) -> bool:
    """One of the words, perhaps more than once, among words that change nothing: "ok please stop now thanks"."""
    listed = words.split()
    rest = [word for word in listed if word not in _AROUND]
    return bool(rest) and len(listed) <= 8 and all(word in _BARE for word in rest)


def _names_texts(words: str) -> bool:
    """A whole sentence that asks for no more texts."""
    for pattern, before in _SENTENCES:
        for found in pattern.finditer(words):
            previous = words[: found.start()].split()
            asked = (
                len(previous) > 1
                and previous[-1] == "you"
                and previous[-2] in ("can", "could", "would", "will", "want", "if", "need", "like")
            )
            if asked or not previous or (previous[-1] not in before and " ".join(previous[-2:]) not in before):
                return True
    return False


def _is_misspelt(word: str) -> bool:
    """A slip of the pen in "unsubscribe", which is like no other word."""
    if len(word) < 8 or word.endswith(("ed", "ing")):
        return False
    return SequenceMatcher(None, word, "unsubscribe").ratio() >= _ALIKE
