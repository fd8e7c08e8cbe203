"""Every change of state of a dispute: one function each, in the order lock, check, change, record, tell."""

from escalation.actions.after_event import enter_after_event
from escalation.actions.amending import amend, amend_statements
from escalation.actions.board import convey, inform_chair, read_outcome, record_involvement
from escalation.actions.copies import ask_reply, make_link, record_copy, withdraw_link
from escalation.actions.ending import (
    agree,
    ask_withdrawal,
    clarify,
    consent_withdrawal,
    decide,
    propose,
    refuse,
    refuse_withdrawal,
    settle,
    withdraw,
)
from escalation.actions.escalating import (
    approve,
    ask_escalation,
    decline,
    open_unanswered,
    send_to_chair,
    take_to_lead,
    take_up,
)
from escalation.actions.evidence import add_evidence, remove_evidence
from escalation.actions.filing import correct_filing, file_record, receive_records
from escalation.actions.links import ask_code, confirm_reply, keep_reply, open_link, send_reply, take_record
from escalation.actions.people import add_agency, choose_agency, name_representative, suggest_representative
from escalation.actions.raising import raise_dispute, raise_draft
from escalation.actions.recording import (
    add_entry,
    record_consultation,
    record_death,
    record_mdt,
    refer_concern,
    state_view,
)
from escalation.actions.sharing import record_learning, share_passages

__all__ = [
    "add_agency",
    "add_entry",
    "add_evidence",
    "agree",
    "amend",
    "amend_statements",
    "approve",
    "ask_code",
    "ask_escalation",
    "ask_reply",
    "ask_withdrawal",
    "choose_agency",
    "clarify",
    "confirm_reply",
    "consent_withdrawal",
    "convey",
    "correct_filing",
    "decide",
    "decline",
    "file_record",
    "enter_after_event",
    "inform_chair",
    "keep_reply",
    "make_link",
    "name_representative",
    "open_link",
    "open_unanswered",
    "propose",
    "raise_dispute",
    "raise_draft",
    "read_outcome",
    "receive_records",
    "record_consultation",
    "record_copy",
    "record_death",
    "record_involvement",
    "record_learning",
    "record_mdt",
    "refer_concern",
    "refuse",
    "refuse_withdrawal",
    "remove_evidence",
    "send_reply",
    "send_to_chair",
    "settle",
    "share_passages",
    "state_view",
    "suggest_representative",
    "take_record",
    "take_to_lead",
    "take_up",
    "withdraw",
    "withdraw_link",
]
