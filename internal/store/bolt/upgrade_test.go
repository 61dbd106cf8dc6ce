package bolt

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"go.etcd.io/bbolt"

	"rileva/internal/store"
	"rileva/internal/store/engine"
	"rileva/internal/store/storetest"
	"rileva/pkg/survey"
	surveysync "rileva/pkg/sync"
)

// older makes a store of schema 1 with one school in it.
func older(t *testing.T) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "rileva.db")
	s := mustOpen(t, path)
	storetest.NewWorld(t, s).AddSchool("MITF00500C")
	if s.Kept() != "" {
		t.Errorf("a new store was copied to %s", s.Kept())
	}
	mustClose(t, s)
	edit(t, path, func(tx *bbolt.Tx) error {
		err := tx.Bucket(engine.BucketMeta).Put(engine.KeySchema, []byte("1"))
		for _, name := range bucketsSince2 {
			err = errors.Join(err, tx.DeleteBucket(name))
		}
		return err
	})
	return path
}

// schemaOf reads a file without opening it as a store.
func schemaOf(t *testing.T, path string) (schema string, later bool) {
	t.Helper()
	edit(t, path, func(tx *bbolt.Tx) error {
		schema, later = string(tx.Bucket(engine.BucketMeta).Get(engine.KeySchema)), tx.Bucket(engine.BucketNotes) != nil
		return nil
	})
	return schema, later
}

// A store of an earlier program opens, with all that it held; what it was is
// kept beside, and the next start has nothing to do.
func TestUpgrade(t *testing.T) {
	path := older(t)
	s := mustOpen(t, path)
	in, err := s.FindInstitution(t.Context(), "MITF00500C")
	if err != nil || in.Code != "MITF00500C" {
		t.Errorf("%+v, %v", in, err)
	}
	if _, err := s.Words(t.Context(), store.Notes, ""); err != nil {
		t.Errorf("notes: %v", err)
	}
	if faults, err := s.Check(t.Context()); err != nil || len(faults) > 0 {
		t.Errorf("%v, %v", faults, err)
	}
	kept := s.Kept()
	mustClose(t, s)
	if version, later := schemaOf(t, path); version != "2" || !later {
		t.Errorf("the store is of schema %s", version)
	}
	if version, later := schemaOf(t, kept); version != "1" || later {
		t.Errorf("the copy is of schema %s", version)
	}
	s = mustOpen(t, path)
	if s.Kept() != "" {
		t.Errorf("copied again, to %s", s.Kept())
	}
	mustClose(t, s)
}

// Without the copy nothing changes.
func TestUpgradeRefused(t *testing.T) {
	path := older(t)
	noon := time.Date(2023, 12, 1, 12, 0, 0, 0, time.UTC)
	if err := os.Mkdir(path+".schema-1-20231201T120000.000Z", 0o700); err != nil { // a copy cannot stand there
		t.Fatal(err)
	}
	wantOpenError(t, path, Options{Now: func() time.Time { return noon }}, ErrUnusable)
	if version, later := schemaOf(t, path); version != "1" || later {
		t.Errorf("the store is of schema %s", version)
	}
}

// What is no whole store of its schema is not touched.
func TestUpgradeOfDamaged(t *testing.T) {
	path := older(t)
	edit(t, path, func(tx *bbolt.Tx) error { return tx.DeleteBucket(engine.BucketReceipts) })
	wantOpenError(t, path, Options{}, ErrNotStore)
	if version, _ := schemaOf(t, path); version != "1" {
		t.Errorf("the store is of schema %s", version)
	}
}

// A backup of an earlier program is restored into a store of this one.
func TestRestoreOlder(t *testing.T) {
	path := older(t)
	to := filepath.Join(t.TempDir(), "rileva.db")
	if _, err := Restore(t.Context(), path, to, Options{KeyFile: path + ".key"}); err != nil {
		t.Fatal(err)
	}
	if version, later := schemaOf(t, to); version != "2" || !later {
		t.Errorf("the restored store is of schema %s", version)
	}
}

// The bodies of a store in which they were packed with gzip are read as they
// are, and are no fault.
func TestGzippedBodies(t *testing.T) {
	path := filepath.Join(t.TempDir(), "rileva.db")
	s := mustOpen(t, path)
	w := storetest.NewWorld(t, s)
	school := w.AddSchool("MITF00500C")
	x := storetest.General(school, "liceale")
	if a, err := s.Accept(t.Context(), w.Put(x)); err != nil || a.Verdict.Outcome != surveysync.Accept {
		t.Fatalf("%+v, %v", a.Verdict, err)
	}
	before, err := s.Submission(t.Context(), school.ID, survey.GeneralPart, 1)
	if err != nil {
		t.Fatal(err)
	}
	mustClose(t, s)
	edit(t, path, func(tx *bbolt.Tx) error {
		key := engine.SubmissionKey(school.ID, survey.GeneralPart, 1)
		record, _, err := engine.SplitSubmission(tx.Bucket(engine.BucketSubmissions).Get(key))
		var packed bytes.Buffer
		z := gzip.NewWriter(&packed)
		_, errWrite := z.Write(before.Body)
		value := binary.BigEndian.AppendUint32(nil, uint32(len(record)))
		value = append(value, record...)
		return errors.Join(err, errWrite, z.Close(), tx.Bucket(engine.BucketSubmissions).Put(key, append(value, packed.Bytes()...)))
	})
	s = mustOpen(t, path)
	defer mustClose(t, s)
	if after, err := s.Submission(t.Context(), school.ID, survey.GeneralPart, 1); err != nil || !bytes.Equal(after.Body, before.Body) {
		t.Errorf("%q, %v", after.Body, err)
	}
	if faults, err := s.Check(t.Context()); err != nil || len(faults) > 0 {
		t.Errorf("%v, %v", faults, err)
	}
}

// A store of an earlier program can be copied elsewhere as it is: what it had no
// table for is empty there, and the file itself stays what it was.
func TestCopyOfAnEarlierStore(t *testing.T) {
	path := older(t)
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	to := filepath.Join(t.TempDir(), "copy.db")
	err = Read(t.Context(), path, func(tx engine.Tx) error {
		_, err := Write(t.Context(), tx, to, nil)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if after, err := os.ReadFile(path); err != nil || !bytes.Equal(before, after) {
		t.Errorf("the source has changed, %v", err)
	}
	s, err := Open(to, Options{KeyFile: path + ".key"})
	if err != nil {
		t.Fatal(err)
	}
	if in, err := s.FindInstitution(t.Context(), "MITF00500C"); err != nil || in.Code != "MITF00500C" {
		t.Errorf("%+v, %v", in, err)
	}
	mustClose(t, s)
}
