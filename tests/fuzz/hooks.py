"""What the document cannot say: which texts are countries and currencies, and what is no finding.

Each exception is one rule of the API that JSON Schema has no words for. All else that differs from the document fails.
"""

import os
import re
import uuid

import schemathesis
from hypothesis import strategies as st
from schemathesis.core.failures import AcceptedNegativeData
from schemathesis.generation.meta import CoverageScenario
from schemathesis.openapi.checks import RejectedPositiveData

OWN_MEMBERSHIP = os.environ["FUZZ_OWN_MEMBERSHIP"]
GOOD_KEY = re.compile("[!-~]{1,64}")
# A text of characters that show nothing counts as blank: white space, default ignorable characters (Unicode,
# DerivedCoreProperties) and U+2800. The pattern of the document, \S, tells white space alone, in words that each language has.
SHOWN = re.compile(
    "[^\\s\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u2800\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)

schemathesis.openapi.format("country", st.sampled_from(["DK", "dk", "DNK", "denmark", "Viet Nam", "GB", "Côte d'Ivoire"]))
schemathesis.openapi.format("currency", st.sampled_from(["EUR", "DKK", "GBP", "USD"]))
schemathesis.openapi.format("certification-type", st.sampled_from(["GWO_WAH", "far", "ART-H", "GWO_BR", "IRATA_L3", "BOSIET"]))


@schemathesis.hook
def filter_path_parameters(context, path_parameters):
    """The company's admin stays one: a demoted one would be refused all the rest."""
    return not path_parameters or path_parameters.get("id") != OWN_MEMBERSHIP


@schemathesis.hook
def before_call(context, case, kwargs):
    """A short key is made one of its own: the same key with another body is 409, whatever the body is worth."""
    key = (case.headers or {}).get("Idempotency-Key")
    # A request whose headers are touched gets back the one that it was to be without.
    data = case.meta.phase.data if case.meta else None
    lacks_one = getattr(data, "scenario", None) == CoverageScenario.MISSING_PARAMETER
    if isinstance(key, str) and GOOD_KEY.fullmatch(key) and not lacks_one:
        case.headers["Idempotency-Key"] = key + uuid.uuid4().hex


@schemathesis.hook
def filter_failure(context, failure, case, response):
    if isinstance(failure, AcceptedNegativeData):
        return not counts_as_absent(case)
    if isinstance(failure, RejectedPositiveData) and response.status_code == 400:
        return not is_beyond_schemas(case, response.json())
    return True


def is_blank(value):
    return isinstance(value, str) and not SHOWN.search(value)


def counts_as_absent(case):
    """A parameter with an empty value counts as absent, and so does an optional field of a body with an empty text: a
    date, a number or a name of an enum is not there then, and not wrong."""
    # An empty list, and one of blank texts, is sent as a parameter with an empty value.
    parameters = [value if isinstance(value, list) else [value] for value in (case.query or {}).values()]
    fields = case.body.values() if isinstance(case.body, dict) else []
    return any(all(map(is_blank, values)) for values in parameters) or any(map(is_blank, fields))


def is_beyond_schemas(case, refusal):
    """Whether a request that meets the schemas is refused by a rule that no schema tells."""
    # A cursor is one that was handed out, for this list and these filters.
    if refusal["code"] == "invalid_cursor":
        return True
    return refusal["code"] == "validation_failed" and all(is_told(case, one) for one in refusal["details"])


def sent(case, field):
    """The value at the path of a field: `skills[0].name`."""
    value = case.body
    for step in re.findall(r"[^.\[\]]+", field):
        if isinstance(value, list) and step.isdigit() and int(step) < len(value):
            value = value[int(step)]
        else:
            value = value.get(step) if isinstance(value, dict) else None
    return value


def is_told(case, detail):
    field, code = detail["field"], detail["code"]
    return (
        # Fields that contradict each other, or what is stored: day rates, days, `after` beside `before`.
        code == "inconsistent"
        # A text that shows nothing.
        or (code == "required" and is_blank(sent(case, field)))
        # The last day of a certification is needed where its type has none of its own.
        or (code == "required" and field == "validUntil")
        # A verdict that rejects or revokes has a note.
        or (code == "required" and field == "note")
        # Skills are told apart by their names, in any case; whole entries may differ. So are the codes of a requirement, of
        # which a type has several, and periods by their days.
        or (code == "duplicate" and field.startswith(("skills[", "requirements[", "periods[")))
        # A company names the technician, and a technician names none.
        or (case.operation.label == "GET /api/jobs/{id}/compliance" and field == "technicianId")
        # The present password is known to the user alone.
        or (code == "mismatch" and field in ("currentPassword", "password"))
        # Which sessions end is said by their ids, or by `others`.
        or (code == "required" and field == "ids")
        # A password has 72 bytes at most; a schema counts characters.
        or (code == "too_long" and field.lower().endswith("password") and "bytes" in detail["message"])
        # A new password is none of the commonest, nor made of names of its user: the shortest of all texts is `00000000`.
        or (code == "too_common" and field in ("password", "newPassword"))
        # What a technician cannot set stands in the same schema as what a company can.
        or (code == "not_allowed" and field in ("messageToTechnician", "acceptNonCompliant"))
        # A thread is opened with the other side; the document has a schema for each.
        or (case.operation.label == "POST /api/chat/threads" and field in ("companyId", "technicianId"))
        # Two decimals at most; `multipleOf` is not kept where 0.01 is a binary fraction.
        or (code == "invalid_format" and field == "minRating")
        # White space around a number of a card is no part of it, and empty is absent; a pattern or a length would refuse both.
        or (code in ("invalid_format", "too_long") and field in ("windaId", "irataNumber"))
        # Names and titles are one line; a pattern beside the one for a visible character would hide that one.
        or (code == "invalid_format" and "control characters" in detail["message"])
        # A URL is measured as it is parsed, which makes some longer; the words of a search are counted.
        or (code == "too_long" and (field in ("website", "documentUrl") or "words" in detail["message"]))
        # U+0000 is no character of any text, as PostgreSQL cannot keep it.
        or (code == "invalid_format" and "U+0000" in detail["message"])
    )
