"""What each field of the roof is."""

from portal.common.fields import classify

classify("dashboards.Figure", "", public="id day gliederung code value")
