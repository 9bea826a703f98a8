"""Whose registrations a request may touch; pages about events read in a scope of their own."""

from portal.common.row_security import ME, protect

protect("events.Registration", f"person_id = {ME} or app_reaches(person_id)")
protect("events.CalendarFeed", f"person_id = {ME}")
