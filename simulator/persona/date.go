package persona

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"cnie/lds"
)

var (
	errWhole = errors.New("want a date of the form YYYY-MM-DD")
	errPart  = errors.New("want a date of the form YYYY-MM-DD, YYYY-MM, YYYY or unknown")
)

// unknown is a date of which nothing is known.
const unknown = "unknown"

// parse takes a date apart; parts that are left out are 0.
func (d Date) parse() (lds.Date, error) {
	if d == unknown {
		return lds.Date{}, nil
	}
	parts := strings.Split(string(d), "-")
	if len(parts) > 3 {
		return lds.Date{}, errPart
	}
	numbers := [3]int{}
	for i, part := range parts {
		n, err := strconv.ParseUint(part, 10, 16)
		if err != nil || n == 0 || len(part) != [3]int{4, 2, 2}[i] {
			return lds.Date{}, errPart
		}
		numbers[i] = int(n)
	}
	date := lds.Date{Year: numbers[0], Month: numbers[1], Day: numbers[2]}
	if day := moment(date); date.Month > 12 || date.Month > 0 && int(day.Month()) != date.Month {
		return lds.Date{}, errors.New("no calendar has that day")
	}
	return date, nil
}

// moment is the beginning of the first day that a date may mean.
func moment(d lds.Date) time.Time {
	return time.Date(d.Year, time.Month(max(d.Month, 1)), max(d.Day, 1), 0, 0, 0, 0, time.UTC)
}

// value is the date of a persona that has been checked.
func (d Date) value() lds.Date {
	date, _ := d.parse()
	return date
}

// time is the beginning of that day, or the zero time where there is none.
func (d Date) time() time.Time {
	if d == "" {
		return time.Time{}
	}
	return moment(d.value())
}

// short is YYMMDD with fillers for what is unknown, as an MRZ has it.
func (d Date) short() string {
	date := d.value()
	two := func(n int) string {
		if n == 0 {
			return "<<"
		}
		return fmt.Sprintf("%02d", n)
	}
	if date.Year == 0 {
		return "<<<<<<"
	}
	return fmt.Sprintf("%02d", date.Year%100) + two(date.Month) + two(date.Day)
}
