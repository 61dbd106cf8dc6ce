package grid

import "testing"

func benchModel() *Model {
	rows, cols, cells := school()
	m := New(rows, cols, cells, Options{Texts: italian, RowTotals: true})
	m.SetSize(80, 26) // all 24 rows
	return m
}

// BenchmarkKey is a digit and an arrow: an edit, a commit and a move.
func BenchmarkKey(b *testing.B) {
	m := benchModel()
	digit, down, up := key("7"), key("down"), key("up")
	for b.Loop() {
		m.HandleKey(digit)
		m.HandleKey(down)
		m.HandleKey(digit)
		m.HandleKey(up)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/4, "ns/key")
}

func BenchmarkView(b *testing.B) {
	m := benchModel()
	b.ReportAllocs()
	for b.Loop() {
		_ = m.View()
	}
}

func BenchmarkSetCells(b *testing.B) {
	m := benchModel()
	_, _, cells := school()
	for b.Loop() {
		m.SetCells(cells)
	}
}
