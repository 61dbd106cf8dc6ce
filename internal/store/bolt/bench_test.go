package bolt

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"rileva/internal/store/storetest"
	surveysync "rileva/pkg/sync"
)

// BenchmarkAccept sends general parts with a body of about 8 KB, as large as a
// real sheet, until they are on the disk. Each sender amends its own school's.
func BenchmarkAccept(b *testing.B) {
	for _, senders := range []int{1, 16} {
		b.Run(fmt.Sprintf("senders=%d", senders), func(b *testing.B) {
			s := mustOpen(b, filepath.Join(b.TempDir(), "rileva.db"))
			w := storetest.NewWorld(b, s)
			random := rand.New(rand.NewPCG(1, 2))
			var notes strings.Builder
			for notes.Len() < 7500 { // numbers and short words, as answers are
				fmt.Fprintf(&notes, "enrolled_y%d=%d ", random.IntN(5), random.IntN(999))
			}
			schools := make([]storetest.School, senders)
			for i := range schools {
				schools[i] = w.AddSchool(fmt.Sprintf("MIIS%05dX", i))
			}
			var sent atomic.Int64
			var all sync.WaitGroup
			commits := s.disk.durable // one transaction, one number
			b.ResetTimer()
			for _, school := range schools {
				all.Go(func() {
					x := storetest.General(school, "liceale")
					x.Answers["notes"] = notes.String()
					for ; sent.Add(1) <= int64(b.N); x.Replaces++ {
						a, err := s.Accept(b.Context(), w.Put(x))
						if err != nil || a.Verdict.Outcome != surveysync.Accept {
							b.Errorf("%+v, %v", a.Verdict, err)
							return
						}
					}
				})
			}
			all.Wait()
			b.StopTimer()
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "accepted/s")
			b.ReportMetric(float64(s.disk.durable-commits)/float64(b.N), "commits/op")
			if faults, err := s.Check(b.Context()); err != nil || len(faults) > 0 {
				b.Errorf("%v, %v", faults, err)
			}
			mustClose(b, s)
		})
	}
}
