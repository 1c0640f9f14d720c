"""A top score beside what went wrong: "10/10 for making me cry", "Perfect. Cancelled again." Is the praise meant? Pure.

Closed lists, in the plain words of both our languages. Who is asked which score they mean loses a tap; a score that was not meant is a
lie in the record. So a bad word counts unless something near it says that it did not happen, or was put right.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from handoff.plain import plain

# What nobody praises, whatever stands around it.
_MOCKING = (
    r"if (?:you|u|ya|your idea of .*) (?:really |actually |just )?(?:like|likes|enjoy|love|fancy|want|dont mind|is)\b",
    r"for (?:making|having|getting) (?:me|us|my \w+|her|him|them) "
    r"(?:cry|wait|beg|suffer|late|worse|sick|ill|miss|bleed|repeat|queue|stand|sit|come back|"
    r"feel (?:stupid|small|worse|awful|like|bad|ignored))",
    r"for (?:keeping|leaving) (?:me|us|my \w+|her|him|them) "
    r"(?:waiting|hanging|outside|alone|on (?:hold|the floor|a trolley|my own|our own|her own|his own)|in (?:pain|agony|the dark|"
    r"the cold|the rain))",
    r"for letting (?:me|us|my \w+|her|him|them) (?:down|wait|suffer|sit|bleed|fall)",
    r"for (?:never|not) (?:turning up|showing|listening|answering|calling|ringing|coming|caring|telling|helping|"
    r"bothering|picking up|returning)",
    r"for (?:losing|ignoring|wasting|forgetting|shouting|yelling|laughing|cancell?ing|hurting|lying|messing|ruining|"
    r"humiliating|insulting|mocking|refusing|misplacing|breaking|dropping|giving up|killing|hanging up)",
    r"si (?:te|le|les|os|a uno le) (?:gusta|gustan|encanta|encantan|apetece|va)\b",
    r"si (?:disfrut\w+|quiere[ns]?|quieres) (?:de )?(?:esper\w+|perder|sufrir|que (?:te|le|lo|la) (?:ignoren|griten|traten mal))",
    r"por (?:hacerme|hacernos|hacer) (?:llorar|esperar|perder|sufrir|volver|sentir(?:me)? (?:mal|tont\w|peor))",
    r"por (?:ignorar|perder|olvidar|gritar|cancelar|mentir|humillar|insultar|echar|maltratar)(?:me|nos|le|les)?\b|"
    r"por tratar(?:me|nos|le|les) (?:tan |muy )?(?:mal|como)\b",
    r"por (?:dejarme|dejarnos|tenerme|tenernos) (?:tirad\w|plantad\w|esperando|sol[oa]|fuera|en la calle)",
    r"por no (?:llamar|venir|contestar|atender|escuchar|avisar)\w*",
)
# What has gone wrong, unless it did not.
_WRONG = (
    r"cancel(?:led|ed|ling|ing|lations?|ations?|s)?|postponed|rescheduled",
    r"cry|crying|cried|sobbing|in tears|screaming|in agony",
    r"ignor(?:ed|ing|es?)|rude(?:ly|ness)?|shouted|yelled|laughed at|sworn at|hung up|turned away|told off|left (?:me |us |her |"
    r"him )?(?:bleeding|waiting|lying|alone|hanging)|dismissed|humiliat\w+|"
    r"sent (?:me |us )?(?:home|away)",
    r"(?<!got )lost(?! weight)|lose|losing|misplac(?:ed|ing)|mislaid|somebody elses|someone elses|forgot(?:ten)?|mixed up|mix up|"
    r"messed up|botched|ruined|misdiagnos\w+|"
    r"(?:broke|dropped|hurt|burnt|cut) (?:my|me|his|her|our)|broken|bleeding|not even|(?:did|does|do|was)nt even|slowest|worst|"
    r"useless|pathetic",
    r"wrong(?:ly)?|mistakes?|late(?! (?:night|evening|opening|appointment))|for the (?:second|third|fourth|fifth|sixth|nth|"
    r"umpteenth) time|"
    r"delay(?:ed|s)?|overcharged|charged (?:me |us )?twice|billed (?:me |us )?twice",
    r"(?:in|under) the (?:pouring |freezing )?(?:rain|cold|corridor|hallway|car park|dark)",
    r"(?:\d+|two|three|four|five|six|seven|eight|nine|ten|several|many|for|of) (?:\w+ )?hours(?! (?:a|per) day)|hours (?:and hours|"
    r"late|wait\w*|in|on|of)",
    r"no (?:notice|warning|explanation|apology|reply|answer|show|shows)|no one (?:came|cared|answered|told|rang|called|knew|turned up)",
    r"nobody (?:came|cared|answered|told|rang|called|knew|turned up|listened)|without (?:notice|warning|telling|asking)",
    r"never (?:again|came|rang|called|call|coming|going|turned up|showed|arrived|answered|answer|heard|got|listened|told|replied|"
    r"saw|seen)",
    r"another (?:\w+ )?(?:year|month|week|cancell?\w*|delay|wait|mistake|form|letter|wasted|infection|complaint|day wasted|fob\w*)|"
    r"waste of \w+|wasted",
    r"dirty|filthy|bloodstained|cockroach\w*|mice|stank|stinking|vomit|bedbugs|infected|infection",
    r"cancelad[oa]s?|cancelaron|cancelan|cancelo|anulad[oa]s?|anularon|aplazad[oa]s?|plantad[oa]s?|suspendid[oa]s?",
    r"llorar|llorando|llore|gritos|gritaron|grito|gritando|insultaron|humillad[oa]",
    r"ignorad[oa]s?|ignoraron|ignoran|maleducad[oa]s?|groser[oa]s?|borde|bordes|colgaron|colgo|echaron|ni siquiera|(?:de|"
    r"a) otr[oa] (?:paciente|persona)|para nada",
    r"perdieron|perdido|perdida|perdidos|perdidas|extraviad\w+|olvidaron|olvidad[oa]s?|equivocad[oa]s?|equivocaron|error|errores|"
    r"retrasos?",
    r"(?:muy|tan|horas|llego|llegaron|siempre|otra vez) tarde|bajo la lluvia|en (?:el|un) pasillo|pasando frio",
    r"(?:\d+|dos|tres|cuatro|cinco|seis|siete|ocho|varias|muchas) horas|horas (?:y horas|esperando|de espera|en)",
    r"sin (?:avisar|aviso|previo aviso|explicacion(?:es)?|respuesta|disculpas)",
    r"nadie (?:(?:me|nos|le) )?(?:vino|viene|contesta|contesto|respondio|responde|llamo|llama|escucha|escucho|sabia|aparecio|"
    r"atendio|atiende|dijo|"
    r"explico|hizo caso|aviso|ayudo|miro)",
    r"nunca (?:mas|vinieron|vino|llamaron|llamo|contestaron|contestan|contesto|llego|aparecio|aparecieron|(?:me|nos) (?:llamaron|"
    r"llamo|contestaron|atendieron|avisaron|dijeron|escucharon))|sucio|sucia|asqueros[oa]",
)
# It did not happen, or was seen to, or it speaks of others: then the praise is meant.
_NOT = frozenset(
    (
        "within under than stayed open opens not no never nothing none nobody isnt wasnt arent werent dont didnt doesnt hardly"
        " without zero avoid avoided"
        " ni nunca nada sin jamas"
    ).split()
)
_MENDED = re.compile(
    r"\b(?:fixed|fix|corrected|sorted|solved|resolved|rescued|saved|spotted|caught|noticed|helped|comfort\w*|reassur\w*|calm\w*|"
    r"put (?:it |things |everything |that |them )?right|apologi[sz]ed|only|instead of|despite|in spite|even (?:though|when|if)|"
    r"(?:another|other|different|last|old|previous) (?:hospital|clinic|surgery|place|practice|time|year|doctor|dentist|gp)|elsewhere|"
    r"(?:happy|joy|laughing|with (?:joy|relief|happiness))|unlike|before|used to|found|"
    r"arregl\w+|corrigi\w+|solucion\w+|resolv\w+|ayud\w+|consol\w+|tranquiliz\w+|solo|apenas|a pesar|aunque|"
    r"otr[oa] (?:hospital|clinica|sitio|centro|lugar|medico)|antes|encontr\w+|de (?:alegria|felicidad|risa)|pidi\w+ (?:perdon|"
    r"disculpas))\b"
)


def _any(patterns: Iterable[str]) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(patterns)})\b")


_IS_MOCKING, _IS_WRONG = _any(_MOCKING), _any(_WRONG)


def has_gone_wrong(text: str) -> bool:
    """Does `text` speak of something that went wrong, and stayed so?"""
    words = plain(text)
    if _IS_MOCKING.search(words) is not None:
        return True
    if _MENDED.search(words) is not None:
        return False
    return any(_NOT.isdisjoint(words[: found.start()].split()[-2:]) for found in _IS_WRONG.finditer(words))
