package protocol

import "unsafe"

// queue holds the states whose successors are still to be found, first in,
// first out. They are many and mostly zeros, so they are packed: a byte that
// says which of the next eight are none, and those.
type queue struct {
	chunks [][]byte
	read   int // of the first chunk
}

// chunk is how many bytes are freed at a time.
const chunk = 1 << 20

const stateSize = int(unsafe.Sizeof(state{}))

// bytes is the memory of a state: single bytes only, so that it has no gaps.
func (s *state) bytes() []byte { return unsafe.Slice((*byte)(unsafe.Pointer(s)), stateSize) }

func (q *queue) empty() bool { return len(q.chunks) == 0 }

func (q *queue) push(s *state) {
	last := len(q.chunks) - 1
	if last < 0 || cap(q.chunks[last])-len(q.chunks[last]) < 2*stateSize { // packed it is smaller
		q.chunks = append(q.chunks, make([]byte, 0, chunk))
		last++
	}
	out, raw := q.chunks[last], s.bytes()
	for i := 0; i < stateSize; i += 8 {
		mask := len(out)
		out = append(out, 0)
		for k, b := range raw[i:min(i+8, stateSize)] {
			if b != 0 {
				out[mask] |= 1 << k
				out = append(out, b)
			}
		}
	}
	q.chunks[last] = out
}

func (q *queue) pop() (s state) {
	in, raw := q.chunks[0][q.read:], s.bytes()
	at := 0
	for i := 0; i < stateSize; i += 8 {
		mask := in[at]
		at++
		for k := range 8 {
			if mask&(1<<k) != 0 {
				raw[i+k] = in[at]
				at++
			}
		}
	}
	if q.read += at; q.read == len(q.chunks[0]) {
		q.chunks[0] = nil
		q.chunks, q.read = q.chunks[1:], 0
	}
	return s
}
