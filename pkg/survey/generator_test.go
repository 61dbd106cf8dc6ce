package survey_test

import (
	"fmt"
	"strings"

	"pgregory.net/rapid"

	"rileva/pkg/survey"
)

// consistent draws a sheet in which the books balance: any track, any size,
// some course years without classes, some ext answers blank. Checks that can
// be explained may stand; hard ones may not.
type consistent struct {
	t     *rapid.T
	track string
	a     survey.Answers
	open  []int // course years with classes
	// What the grids add up to.
	start, arrivals, transfers, exits int
	dropouts                          map[string]int // by sex
}

func drawSheet(t *rapid.T) *consistent {
	c := &consistent{t: t, track: rapid.SampledFrom([]string{"liceale", "tecnico", "professionale", "iefp"}).Draw(t, "track"),
		a: survey.Answers{"study_programmes": []string{"Indirizzo"}, "evening_excluded": true}, dropouts: map[string]int{}}
	always := c.upTo("year that is open", yearsOf(c.track)-1) + 1
	for y := 1; y <= yearsOf(c.track); y++ {
		if y != always && c.upTo("closed", 3) == 0 {
			c.closedYear(y)
			continue
		}
		c.open = append(c.open, y)
		c.a[fmt.Sprintf("classes_y%d", y)] = 1 + c.upTo("classes", 9)
		for _, sex := range []string{"m", "f"} {
			c.movementsAndOutcomes(y, sex)
			c.characteristics(y, sex)
		}
	}
	c.dropoutsOf("m")
	c.dropoutsOf("f")
	c.totals()
	c.actions()
	return c
}

// upTo draws 0 to n.
func (c *consistent) upTo(label string, n int) int {
	return rapid.IntRange(0, max(n, 0)).Draw(c.t, label)
}

func (c *consistent) closedYear(y int) {
	c.a[fmt.Sprintf("classes_y%d", y)] = 0
	if c.upTo("zeros in the closed year", 1) == 0 {
		return
	}
	for _, row := range gridRows {
		c.a[cell(row.id, y, "m")], c.a[cell(row.id, y, "f")] = 0, 0
	}
}

func (c *consistent) movementsAndOutcomes(y int, sex string) {
	put := func(row string, n int) int { c.a[cell(row, y, sex)] = n; return n }
	draw := func(row string, most int) int { return put(row, c.upTo(row, most)) }
	start := draw("enrolled_start", 60)
	arrivals := draw("arrivals", 9)
	left := start + arrivals
	transfers := draw("transfers_out", min(6, left))
	left -= transfers
	exits := draw("other_valid_exits", min(4, left))
	left -= exits
	formal := draw("formal_withdrawals", min(3, left))
	left -= formal
	end := left
	never := draw("never_attended", min(3, left))
	left -= never
	informal := draw("informal_interruption", min(3, left))
	left -= informal
	left -= draw("absence_limit_exceeded", min(5, left))
	left -= draw("year_abroad", min(2, left))
	scrutinised := left
	suspended := 0
	if y != 5 {
		suspended = c.upTo("suspended_judgement", left)
	}
	put("suspended_judgement", suspended)
	left -= suspended
	left -= draw("not_admitted_june", left)
	put("admitted_june", left)
	draw("suspended_not_admitted", suspended)
	missing := end
	if y == yearsOf(c.track) {
		missing -= left
	}
	draw("not_reenrolled", missing)
	c.maybe(cell("admitted_with_derogation", y, sex), scrutinised)
	c.start, c.arrivals, c.transfers, c.exits = c.start+start, c.arrivals+arrivals, c.transfers+transfers, c.exits+exits
	c.dropouts[sex] += formal + never + informal
}

// maybe answers an ext cell, or leaves it blank.
func (c *consistent) maybe(id string, most int) {
	if c.upTo("answered", 4) > 0 {
		c.a[id] = c.upTo(id, most)
	}
}

func (c *consistent) characteristics(y int, sex string) {
	start := c.a[cell("enrolled_start", y, sex)].(int)
	for _, row := range []string{"foreign_citizenship", "repeaters"} {
		c.a[cell(row, y, sex)] = c.upTo(row, start)
	}
	c.maybe(cell("overage", y, sex), start)
	left := start
	for _, row := range []string{"disability", "dsa", "other_bes"} {
		id := cell(row, y, sex)
		c.maybe(id, left)
		if n, ok := c.a[id].(int); ok {
			left -= n
		}
	}
}

func (c *consistent) dropoutsOf(sex string) {
	c.split(c.dropouts[sex], "dropouts_under16_"+sex, "dropouts_16_17_"+sex, "dropouts_18plus_"+sex)
	c.a["dropouts_foreign_"+sex] = c.upTo("dropouts_foreign", c.dropouts[sex])
	for _, row := range []string{"dropouts_disability_", "dropouts_dsa_", "dropouts_repeaters_"} {
		c.maybe(row+sex, c.dropouts[sex])
	}
}

// split deals total out over the ids, at random.
func (c *consistent) split(total int, ids ...string) {
	for i, id := range ids {
		n := total
		if i+1 < len(ids) {
			n = c.upTo(id, total)
		}
		c.a[id] = n
		total -= n
	}
}

func (c *consistent) totals() {
	dropouts := c.dropouts["m"] + c.dropouts["f"]
	if dropouts > 0 || c.upTo("reasons of nobody", 1) == 1 {
		c.split(dropouts, "reason_school_failure", "reason_wrong_choice", "reason_behaviour", "reason_family", "reason_psychological",
			"reason_health", "reason_work", "reason_mobility_migration", "reason_unknown")
	}
	c.split(c.transfers, "dest_same_track", "dest_other_track")
	c.split(c.exits, "dest_non_paritaria", "dest_iefp", "dest_cpia", "dest_evening", "dest_apprenticeship", "dest_abroad", "dest_parental", "dest_other")
	c.a["dropouts_untraced"] = c.upTo("dropouts_untraced", dropouts)
	c.maybe("dropouts_working", dropouts-c.a["dropouts_untraced"].(int))
	pupils := c.start + c.arrivals
	most, sum := 0, 0
	for _, id := range []string{"reports_municipality", "reports_social_services", "reports_juvenile_prosecutor", "reports_other"} {
		n := c.upTo(id, min(5, pupils))
		c.a[id] = n
		most, sum = max(most, n), sum+n
	}
	reported := most + c.upTo("reported_students", sum-most)
	c.a["reported_students"] = reported
	c.a["returned_students"] = c.upTo("returned_students", reported)
	c.maybe("reports_family", pupils)
}

func (c *consistent) actions() {
	chosen := rapid.SampledFrom([]string{"nessuna", "mentoring", "mentoring altro"}).Draw(c.t, "actions")
	c.a["actions_taken"] = strings.Fields(chosen)
	if chosen != "nessuna" {
		c.a["students_reached"] = c.upTo("students_reached", 9999)
	}
	if strings.Contains(chosen, "altro") {
		c.a["actions_other_text"] = "Altre azioni"
	}
}
