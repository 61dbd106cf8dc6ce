package survey

import (
	"slices"
	"strings"
)

// nearest gives the candidate that name was probably meant to be, or "".
func nearest(name string, candidates []string) string {
	if name == "" || len(name) > 80 {
		return ""
	}
	best, distance := "", max(len(name)/3, 1)+1
	candidates = slices.Sorted(slices.Values(candidates)) // one answer, whatever the order of a map
	for i, c := range candidates {
		// A file of thousands of ids, each misspelt once, must not take minutes.
		if i >= 3000 {
			break
		}
		if len(c) > 80 || c == name || c == "" {
			continue
		}
		if strings.EqualFold(c, name) {
			return c
		}
		if d := edits(name, c, distance); d < distance {
			best, distance = c, d
		}
	}
	return best
}

// edits counts the letters to insert, remove, change or swap with the next one
// to make b of a; limit or more when there are at least that many.
func edits(a, b string, limit int) int {
	x, y := []rune(a), []rune(b)
	if len(x)-len(y) >= limit || len(y)-len(x) >= limit {
		return limit
	}
	before, last, now := make([]int, len(y)+1), make([]int, len(y)+1), make([]int, len(y)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(x); i++ {
		now[0] = i
		least := i
		for j := 1; j <= len(y); j++ {
			cost := 1
			if x[i-1] == y[j-1] {
				cost = 0
			}
			now[j] = min(last[j]+1, now[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
				now[j] = min(now[j], before[j-2]+1)
			}
			least = min(least, now[j])
		}
		if least >= limit {
			return limit
		}
		before, last, now = last, now, before
	}
	return last[len(y)]
}
