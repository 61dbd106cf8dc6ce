package review

import (
	"math"
	"slices"
)

// spread is how far numbers of one kind lie apart. Median and absolute
// deviations are used because a few wild numbers, which are what is looked
// for, hardly move them.
type spread struct {
	median float64
	scale  float64 // what one unit of a score is worth; 0 when all are alike
}

// spreadOf takes the median and the median absolute deviation. Where more than
// half of the numbers are the same that deviation is 0, and the mean one stands
// in (Iglewicz and Hoaglin, How to Detect and Handle Outliers, 1993: the
// modified z-score, with 0.6745 and 1.253314 as their constants).
func spreadOf(numbers []float64) spread {
	sorted := slices.Sorted(slices.Values(numbers))
	s := spread{median: middle(sorted)}
	away, sum := make([]float64, len(sorted)), 0.0
	for i, x := range sorted {
		away[i] = math.Abs(x - s.median)
		sum += away[i]
	}
	slices.Sort(away)
	if s.scale = middle(away) / 0.6745; s.scale == 0 && len(sorted) > 0 {
		s.scale = 1.253314 * sum / float64(len(sorted))
	}
	return s
}

// score is the modified z-score of x.
func (s spread) score(x float64) float64 {
	if s.scale == 0 {
		return 0
	}
	return (x - s.median) / s.scale
}

func middle(sorted []float64) float64 {
	n := len(sorted)
	switch {
	case n == 0:
		return 0
	case n%2 == 1:
		return sorted[n/2]
	}
	return (sorted[n/2-1] + sorted[n/2]) / 2
}
