package main

import (
	"archive/tar"
	"archive/zip"
	"compress/gzip"
	"io"
	"os"
	"path"
	"path/filepath"
	"time"
)

// pack writes one archive with everything in a folder of its own name.
func (r *release) pack(name, folder string, files []file, write func(io.Writer, string, []file, time.Time) error) (err error) {
	w, err := os.Create(filepath.Join(r.out, name))
	if err != nil {
		return err
	}
	defer func() {
		if closed := w.Close(); err == nil {
			err = closed
		}
	}()
	return write(w, folder, files, r.when)
}

// writeTar writes a tar.gz without owners, every file of the same moment.
func writeTar(w io.Writer, folder string, files []file, when time.Time) error {
	gz, err := gzip.NewWriterLevel(w, gzip.BestCompression)
	if err != nil {
		return err
	}
	out := tar.NewWriter(gz)
	for _, f := range files {
		raw, err := os.ReadFile(f.from)
		if err != nil {
			return err
		}
		err = out.WriteHeader(&tar.Header{Name: path.Join(folder, f.to), Mode: int64(f.mode), Size: int64(len(raw)), ModTime: when, Format: tar.FormatPAX})
		if err != nil {
			return err
		}
		if _, err := out.Write(raw); err != nil {
			return err
		}
	}
	if err := out.Close(); err != nil {
		return err
	}
	return gz.Close()
}

// writeZip writes a zip, every file of the same moment.
func writeZip(w io.Writer, folder string, files []file, when time.Time) error {
	out := zip.NewWriter(w)
	for _, f := range files {
		raw, err := os.ReadFile(f.from)
		if err != nil {
			return err
		}
		h := &zip.FileHeader{Name: path.Join(folder, f.to), Method: zip.Deflate, Modified: when}
		h.SetMode(f.mode)
		entry, err := out.CreateHeader(h)
		if err != nil {
			return err
		}
		if _, err := entry.Write(raw); err != nil {
			return err
		}
	}
	return out.Close()
}

// zipPage compresses a manual page as Debian wants it: no name, no time.
func zipPage(from, to string) error {
	raw, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	w, err := os.Create(to)
	if err != nil {
		return err
	}
	gz, err := gzip.NewWriterLevel(w, gzip.BestCompression)
	if err != nil {
		return err
	}
	if _, err := gz.Write(raw); err != nil {
		return err
	}
	if err := gz.Close(); err != nil {
		return err
	}
	return w.Close()
}

func copyFile(from, to string) error {
	raw, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return os.WriteFile(to, raw, 0o755)
}
