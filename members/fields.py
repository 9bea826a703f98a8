"""What each field of this app is (the registry is in portal.common.fields)."""

from portal.common.fields import classify

classify("members.Level", "", public="id name short position takes_members mentors_stay")
classify("members.Kommune", "", public="id ags name short_name population neighbours")
classify("members.PostalCode", "", public="id plz kommune")
classify("members.Gliederung", "", public="id name level parent path kommunen closed_on successor")
classify("members.Topic", "", public="id code name position is_offered")
classify(
    "members.District",
    "",
    public="id gliederung product_name party office_name street city phone email responsible "
    "data_protection authority newcomer_months ends_with_month",
)
classify(
    "members.Amt",
    "person",
    technical="id shown_phone is_pending",
    link="person granted_by confirmed_by",
    office="gliederung kind beginn ende ended_at renewed_on recertified_on pledged_on trained_on",
)
classify(
    "members.Person",
    "pk",
    technical="id open_question digest_day added_on",
    name="given_name family_name sort_name",
    channel="email phone mobile preferred_channel language",
    place="plz street city kommune gliederung",
    interest="topics own_interest languages availability adult_on skills wish time_budget shifts "
    "shifts_from no_contact_since prefers_flinta is_flinta",
)
classify(
    "members.Look",
    "person",
    technical="id day is_close by_export",
    link="viewer person",
)
classify(
    "members.LookStop",
    "viewer",
    technical="id day stopped_at most settled_at",
    link="viewer settled_by",
)
classify(
    "members.LookRelease",
    "stop__viewer",
    technical="id stop from_most made_at seen_at",
    link="made_by told",
    note="reason",
)
classify(
    "members.Membership",
    "person",
    technical="id",
    link="person win_back_by",
    membership="number kind applied_on joined_on left_on left_reason has_ended first_seen_on "
    "win_back_on win_back_way decided_on",
)
classify(
    "members.User",
    "person",
    technical="id is_active last_login asked_for_call_at",
    link="person",
    access="email password",
)
classify(
    "members.Session",
    "user__person",
    technical="expire_date device since active_on",
    link="user",
    access="session_key session_data",
)
classify(
    "members.OneTimeCode",
    "user__person",
    technical="id created_at expires_at wrong_tries used_at seen_at",
    link="user made_by told",
    access="mark",
)
classify(
    "members.Invitation",
    "person",
    technical="id created_at expires_at accepted_at revoked_at",
    link="person",
)
classify("members.MilestoneTemplate", "", public="id code name is_offered")
classify(
    "members.Step",
    "",
    public="id template position code title kind opens_after_months due_after_months explanation "
    "responsible",
)
classify(
    "members.Onboarding",
    "person",
    technical="id template arrived_on responsible_stands_in responsible_since wave",
    link="person responsible",
    membership="started_on state next_due_on",
    interest="wants_mentor wished_mentor motives expectations",
    talk="asked_for_call_at follow_up_on guardian_consent_on",
)
classify(
    "members.Milestone",
    "onboarding__person",
    technical="id position code title kind explanation is_late_data responsible closed_by",
    link="onboarding",
    membership="opens_on legal_due_on due_on",
    talk="state done_on",
)
classify(
    "members.Contact",
    "onboarding__person",
    technical="id submit_token created_at asked_before follow_up_before",
    link="onboarding made_by",
    talk="made_on kind result partner follow_up_on",
    note="note",
)
classify(
    "members.Mentor",
    "person",
    technical="id capacity accepts_minors prepared_on active_from active_to paused_on",
    link="person",
    office="functions pledged_on",
)
classify(
    "members.MatchingRun",
    "",
    technical="id state is_preview created_at finished_at weights newcomers mentors matched score "
    "parts_left",
    link="started_by",
)
classify(
    "members.MatchProposal",
    "onboarding__person",
    technical="id run score reason_code",
    link="onboarding mentor second",
    interest="parts explanation",
)
classify(
    "members.Tandem",
    "newcomer",
    technical="id run",
    link="newcomer mentor second ended_by",
    interest="parts explanation",
    talk="state outcome asked_at mentor_yes_on second_yes_on started_on planned_end called_on "
    "ended_on",
)
classify(
    "members.TandemMeeting",
    "tandem__newcomer",
    technical="id tandem",
    link="noted_by",
    talk="met_on how",
)
classify(
    "members.TandemFeedback",
    "person",
    technical="id tandem given_on",
    link="person",
    talk="useful meetings again involved",
    note="missing",
)
classify(
    "members.TandemReport",
    "reporter",
    technical="id tandem created_at closed_on",
    link="reporter first_told second_told closed_by",
    note="text",
)
classify(
    "members.PairRule",
    "newcomer",
    technical="id made_at",
    link="newcomer mentor made_by",
    talk="kind",
)
classify(
    "members.Transfer",
    "person",
    technical="id source started_at given_at taken_at ended_at",
    link="person started_by",
    place="from_gliederung to_gliederung state",
)
classify("members.ImportProfile", "", technical="id header_key mapping created_at", public="name")
classify(
    "members.ImportRun",
    "",
    technical="id state sha256 profile reason encoding unused_columns created_at applied_at "
    "undone_at undo_report counts mails letters asks_for_columns check_starts",
    link="created_by ordered_by",
    membership="content columns",  # erased as soon as the rows are staged, within a day
)
classify(
    "members.ImportRow",
    "run",  # about whoever stands in the row; erased within a day
    technical="id run number verdict problems changed decision",
    link="lookalike",
    membership="values",
)
classify(
    "members.ImportChange",
    "person",  # erased within a day
    technical="id run action",
    link="person",
    membership="before after",
)
classify(
    "members.PhoneAnswer",
    "person",
    technical="id",
    link="person entered_by",
    talk="code entered_at",
)
classify(
    "members.Parteibuch",
    "milestone__onboarding__person",
    technical="id",
    link="milestone received_by given_by",
    talk="ordered_on received_on occasion",
)
classify("members.Absence", "person", technical="id", link="person", office="first_day last_day")
classify(
    "members.Assignment",
    "onboarding__person",
    technical="id made_at undone_at batch",
    link="onboarding giver taker made_by",
)
classify(
    "members.Reminder",
    "recipient",
    technical="id key step first_told_on told_on",
    link="recipient milestone",
)
classify(
    "members.RightsRequest",
    "person",
    technical="id kind created_at due_on state answered_on undo",
    link="person entered_by answered_by",
    interest="objection",
    note="text answer refusal",
)
classify("members.DigestRun", "", technical="id day")
classify(
    "members.Pulse",
    "onboarding__person",
    technical="id number asked_on",
    link="onboarding",
    talk="answer answered_at may_be_told",
)
classify("members.PulseTally", "", public="id arrived not_yet published_on")
classify(
    "members.WaveReply",
    "onboarding__person",
    technical="id",
    link="onboarding",
    talk="answer answered_at",
)
classify(
    "members.Wave",
    "",
    technical="id created_at undone_at",
    link="created_by",
    public="name gliederung template way months_without_contact meeting_at meeting_place",
)
classify(
    "members.MitmachOrt",
    "",
    technical="id",
    link="host",
    public="kind title sentence gliederung topics kommune meeting_point is_online from_home "
    "usual_times slots minutes language tags just_come confirmed_on ends_on",
)
classify(
    "members.Meldung",
    "person",
    technical="id answered_at withdrawn_at",
    link="person answered_by",
    interest="ort created_at",
)
classify(
    "members.Interest",
    "person",
    technical="id state doubt created_at link_until confirmed_at closed_on tell_inviter",
    link="person invited_by responsible",
    name="given_name family_name",
    channel="email phone language",
    place="plz",
    interest="topics",
    talk="talked_on tried_on",
)
# A keyed hash and a number: about nobody whom this installation could still name.
classify("members.InterestMark", "", technical="id mark mails last_at")
classify("members.Card", "person", technical="id made_on", link="person", access="code")
classify(
    "members.Hold",
    "person",
    technical="id set_on until lifted_at",
    link="person set_by",
    note="reason",
)
classify(
    "members.PastMembership",
    "",
    technical="id",
    public="gliederung joined_in left_in left_reason days_to_first_talk days_to_parteibuch "
    "days_to_second_talk",
)
