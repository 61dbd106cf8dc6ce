package survey

import (
	"encoding/json"
	"math"
	"strconv"
	"strings"
	"time"
)

// decimal reads a decimal answer: a whole number, or a json.Number as it was
// written. Exponents are refused: nobody writes them, and one number must have
// few spellings.
func decimal(value any) (float64, bool) {
	switch n := value.(type) {
	case int:
		return float64(n), true
	case json.Number:
		f, err := n.Float64()
		return f, err == nil && !strings.ContainsAny(n.String(), "eE")
	}
	return 0, false
}

func (v *Variable) acceptsDecimal(value any, lang string) string {
	f, ok := decimal(value)
	if ok && v.Decimals > 0 {
		if n, isText := value.(json.Number); isText {
			_, places, _ := strings.Cut(n.String(), ".")
			ok = len(places) <= v.Decimals
		}
	}
	if !ok || f < float64(v.Min) || f > float64(v.Max) {
		return say(lang, "decimal", FormatInt(v.Min, lang), FormatInt(v.Max, lang), strconv.Itoa(max(v.Decimals, 1)))
	}
	return ""
}

// amountScale keeps sums of decimals to a millionth. Added up as floats 0.1 and
// 0.2 are not 0.3, and an identity would not hold; rounded there they are.
const amountScale = 1e6

// amount sums decimals; known is false when one of them is not there.
func (ev *Evaluation) amount(slots []int) (sum float64, known bool) {
	known = true
	for _, slot := range slots {
		if n, is := ev.val[slot].(float64); is && ev.known(slot) {
			sum += n
		}
		known = known && ev.known(slot)
	}
	return math.Round(sum*amountScale) / amountScale, known
}

// Total sums cells of one row as an answer is written: an int, or of decimals a
// json.Number. A cell that holds no number counts as 0, and known is false when
// one is blank. The total is nil for a row that holds no numbers.
func (ev *Evaluation) Total(cells []*Variable) (total any, known bool) {
	if len(cells) == 0 {
		return nil, true
	}
	slots := make([]int, len(cells))
	for i, c := range cells {
		slots[i] = c.slot
	}
	switch cells[0].Type {
	case TypeInteger:
		return ev.sum(slots)
	case TypeDecimal:
		sum, known := ev.amount(slots)
		return json.Number(strconv.FormatFloat(sum, 'f', -1, 64)), known
	}
	return nil, true
}

// ParseDecimal reads a number as people write it, with a comma or a point
// before the decimals, into the form of an answer.
func ParseDecimal(s string) (any, bool) {
	s = strings.ReplaceAll(strings.TrimSpace(s), ",", ".")
	if n, err := strconv.Atoi(s); err == nil {
		return n, true
	}
	sign := ""
	if strings.HasPrefix(s, "-") {
		sign, s = "-", s[1:]
	}
	whole, frac, ok := strings.Cut(s, ".")
	if !ok || whole == "" || frac == "" || strings.Trim(whole+frac, "0123456789") != "" {
		return nil, false
	}
	if whole = strings.TrimLeft(whole, "0"); whole == "" {
		whole = "0" // JSON knows neither .5 nor 00.5
	}
	return json.Number(sign + whole + "." + frac), true
}

// ParseDate reads a date as people write it, 20/12/2023 with any of / . -
// between, or as an answer holds it, 2023-12-20.
func ParseDate(s string) (string, bool) {
	s = strings.TrimSpace(s)
	if isDate(s) {
		return s, true
	}
	at, err := time.Parse("2/1/2006", strings.NewReplacer(".", "/", "-", "/").Replace(s))
	return at.Format(time.DateOnly), err == nil
}

// FormatDate writes a date answer in the locale's form: 20/12/2023 in Italian.
func FormatDate(s, lang string) string {
	at, err := time.Parse(time.DateOnly, s)
	if err != nil || lang == "en" {
		return s
	}
	return at.Format("02/01/2006")
}

func isDate(s string) bool {
	_, err := time.Parse(time.DateOnly, s)
	return err == nil
}
