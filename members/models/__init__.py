"""The hub: people and where they belong, what they are promised, who helps them."""

from members.models.access import OneTimeCode, Session
from members.models.imports import ImportChange, ImportProfile, ImportRow, ImportRun
from members.models.mentoring import MatchingRun, MatchProposal, Mentor
from members.models.onboarding import Contact, Milestone, MilestoneTemplate, Onboarding, Step
from members.models.organisation import Amt, District, Gliederung, Kommune, Level, PostalCode, Topic
from members.models.people import Invitation, Membership, Person, User
from members.models.phone import PhoneAnswer
from members.models.transfers import Transfer

__all__ = [
    "Amt",
    "Contact",
    "District",
    "Gliederung",
    "ImportChange",
    "ImportProfile",
    "ImportRow",
    "ImportRun",
    "Invitation",
    "Kommune",
    "Level",
    "MatchProposal",
    "MatchingRun",
    "Membership",
    "Mentor",
    "Milestone",
    "MilestoneTemplate",
    "Onboarding",
    "OneTimeCode",
    "Person",
    "PhoneAnswer",
    "PostalCode",
    "Session",
    "Step",
    "Topic",
    "Transfer",
    "User",
]
