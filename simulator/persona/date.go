package persona

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"cnie/lds"
)

var errDate = errors.New("want a date of the form YYYY-MM-DD")

// parse takes a date apart; parts that are left out are 0.
func (d Date) parse() (lds.Date, error) {
	parts := strings.Split(string(d), "-")
	if len(parts) > 3 {
		return lds.Date{}, errDate
	}
	numbers := [3]int{}
	for i, part := range parts {
		n, err := strconv.ParseUint(part, 10, 16)
		if err != nil || n == 0 || len(part) != [3]int{4, 2, 2}[i] {
			return lds.Date{}, errDate
		}
		numbers[i] = int(n)
	}
	if numbers[1] > 12 || numbers[2] > 31 {
		return lds.Date{}, errDate
	}
	return lds.Date{Year: numbers[0], Month: numbers[1], Day: numbers[2]}, nil
}

// whole parses a date that must have a day.
func (d Date) whole() (lds.Date, error) {
	date, err := d.parse()
	if err == nil && date.Day == 0 {
		err = errDate
	}
	return date, err
}

// value is the date of a persona that has been checked.
func (d Date) value() lds.Date {
	date, _ := d.parse()
	return date
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
	return fmt.Sprintf("%02d", date.Year%100) + two(date.Month) + two(date.Day)
}
