"""The hub: people and where they belong, what they are promised, who helps them."""

from members.models.access import Invitation, OneTimeCode, Session
from members.models.contacts import Contact
from members.models.imports import ImportChange, ImportProfile, ImportRow, ImportRun
from members.models.interest import Card, Interest, InterestMark
from members.models.looks import Look, LookRelease, LookStop
from members.models.mentoring import MatchingRun, MatchProposal, Mentor
from members.models.milestones import MilestoneTemplate, Step
from members.models.mitmachen import Meldung, MitmachOrt
from members.models.onboarding import Milestone, Onboarding, Parteibuch
from members.models.organisation import Amt, District, Gliederung, Kommune, Level, PostalCode, Topic
from members.models.people import Membership, Person
from members.models.phone import PhoneAnswer
from members.models.pulse import Pulse, PulseTally
from members.models.reminders import DigestRun, Reminder
from members.models.responsibility import Absence, Assignment
from members.models.retention import Hold, PastMembership
from members.models.rights import RightsRequest
from members.models.tandems import PairRule, Tandem, TandemFeedback, TandemMeeting, TandemReport
from members.models.transfers import Transfer
from members.models.users import User
from members.models.waves import Wave, WaveReply

__all__ = [
    "Absence",
    "Amt",
    "Assignment",
    "Card",
    "Contact",
    "DigestRun",
    "District",
    "Gliederung",
    "Hold",
    "ImportChange",
    "ImportProfile",
    "ImportRow",
    "ImportRun",
    "Interest",
    "InterestMark",
    "Invitation",
    "Kommune",
    "Level",
    "Look",
    "LookRelease",
    "LookStop",
    "MatchProposal",
    "MatchingRun",
    "Meldung",
    "Membership",
    "Mentor",
    "Milestone",
    "MilestoneTemplate",
    "MitmachOrt",
    "Onboarding",
    "OneTimeCode",
    "PairRule",
    "Parteibuch",
    "PastMembership",
    "Person",
    "PhoneAnswer",
    "PostalCode",
    "Pulse",
    "PulseTally",
    "Reminder",
    "RightsRequest",
    "Session",
    "Step",
    "Tandem",
    "TandemFeedback",
    "TandemMeeting",
    "TandemReport",
    "Topic",
    "Transfer",
    "User",
    "Wave",
    "WaveReply",
]
