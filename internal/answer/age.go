package answer

import "time"

// over is certain or unknown. A year of life is complete on the birthday; that of
// somebody born on 29 February is, in other years, complete on 1 March.
func over(years int, birth string, at time.Time) (Value, []string) {
	first, last, ok := span(birth)
	today := day(at.Date())
	switch {
	case birth == "":
		return Unknown, []string{"answer.no-birth-date"}
	case !ok:
		return Unknown, []string{"answer.birth-date-malformed"}
	case first.After(today):
		return Unknown, []string{"answer.birth-date-ahead"}
	case !last.AddDate(years, 0, 0).After(today):
		return Yes, []string{"answer.age-reached"}
	case first.AddDate(years, 0, 0).After(today):
		return No, []string{"answer.age-not-reached"}
	}
	return Unknown, []string{"answer.birth-date-partial"}
}

// span gives the first and the last day that a date, of which the day or the month
// may be unknown, can mean.
func span(date string) (first, last time.Time, ok bool) {
	if t, err := time.Parse("2006-01-02", date); err == nil {
		return t, t, true
	}
	if t, err := time.Parse("2006-01", date); err == nil {
		return t, t.AddDate(0, 1, -1), true
	}
	t, err := time.Parse("2006", date)
	return t, t.AddDate(1, 0, -1), err == nil
}

func day(year int, month time.Month, day int) time.Time {
	return time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
}
