// Package disk_test takes the disk away from under the two stores, the
// server's and the device's: power is cut between any two writes, and any write
// or flush of one submission fails.
//
// bbolt writes to its file by itself, so it is built once more for these tests,
// from the very source that go.mod names, with the calls to the file led
// through recorder.go.txt. A child process built like that works for a while
// and records every write, flush and change of size, and after each answer what
// was promised. Then the files are rebuilt as they could be after a power cut:
// what was flushed, and of what was written since any subset, torn at 512 bytes.
// Every one of them must open, be sound and hold what was promised.
//
// It is assumed that a flush that succeeds has reached the disk, and that 512
// bytes are written whole or not at all. That a run without flushes is caught
// is a test here: killing processes does not find it.
//
// Start reading at [TestPowerCuts] and [TestDiskErrors].
package disk_test
