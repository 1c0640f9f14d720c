"""Which of the clinic's languages somebody writes in, where their words make that clear. Pure.

Small words tell it: those that one language has and the others lack. Names tell nothing, so the words that names are made of ("de la
Cruz") count only beside others; the carriers' own words and numbers tell nothing either.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from handoff.plain import plain

TELLING: Mapping[str, frozenset[str]] = {
    "en": frozenset(
        (
            "the an and of that this these those with for from is are was were be been have has had do does did dont didnt im ive i its"
            " it you your my we our they he she his her them not but so very really too just about because would could should can cant what"
            " when where why who how which there here then please thanks thank hello hi hey good bad great nice kind rude wait waited"
            " waiting long want wanted need talk speak somebody someone anyone call back morning afternoon evening yesterday today"
            " everything nothing nurse nurses appointment got told asked never always okay"
        ).split()
    ),
    "es": frozenset(
        (
            "que con por para una uno unos unas muy pero como esta este esto estos estas fue fueron era eran ser estar estoy esta estaba"
            " tengo tiene tuve quiero quisiera quieren necesito puedo puede hablar hablo llamar llamenme llame persona alguien nadie hola"
            " buenos buenas dias tardes noches gracias porque cuando donde quien cual cuanto bien mal malo mala bueno buena todo toda"
            " todos nada mas menos mucho mucha yo tu usted ustedes nosotros ellos ella le les lo se su sus mi mis me te nos del al sin"
            " sobre hasta desde ahora hoy ayer manana siempre nunca tambien si ya espera esperar espere esperando enfermera medico"
            " enfermeras doctora cita ayuda ayudame senora senor es hay han atendieron trataron trato excelente amable amables"
            " hijo hija hijos marido esposo esposa hermano hermana abuelo abuela bebe todas otra otro vez veces ninguna ninguno hace hizo"
            " dijo dijeron dicho sigue sigo verdad harto harta conteste contesta contestan contesto responde responden respondio cobraron"
            " cobrado factura dinero copia historial desmayado desmayada reacciona respira respirar sangrando duele duelen dolor pecho"
            " pastillas lejia bebido tomado tome tragado urgencias ambulancia morir morirme matarme vivir pega golpea miedo"
        ).split()
    ),
}
# They may be of either language, or of a name.
WEAK: Mapping[str, frozenset[str]] = {
    "en": frozenset({"a", "in", "to", "at", "on", "or", "if", "as"}),
    "es": frozenset("de la el los las del y en un al o mi me lo se te tu su he ha madre padre".split()),
}
CARRIERS = frozenset("stop stopall unsubscribe cancel end quit revoke optout start yes unstop help info".split())
MARKS = {"es": "¿¡"}  # no other language has them


def language_of(text: str, languages: Collection[str]) -> str | None:
    """The language of `text` among `languages`; None where it is not clear: no telling word, or nearly as many of another language."""
    words = plain(text).split()
    if len(words) == 1 and words[0] in CARRIERS:
        return None
    scores = {language: _score(text, words, language) for language in languages if language in TELLING}
    ranked = sorted(scores.items(), key=lambda one: -one[1])
    if not ranked or ranked[0][1] < 1 or (len(ranked) > 1 and ranked[0][1] <= 2 * ranked[1][1]):
        return None
    return ranked[0][0]


def _score(text: str, words: list[str], language: str) -> float:
    """Words that only this language has; weak ones, half each, only beside one of them."""
    others = [name for name in TELLING if name != language]
    strong = TELLING[language] - WEAK[language] - frozenset().union(*(TELLING[name] | WEAK[name] for name in others))
    told = sum(word in strong for word in words) + sum(mark in text for mark in MARKS.get(language, ""))
    return told + sum(word in WEAK[language] for word in words) / 2 if told else 0.0
