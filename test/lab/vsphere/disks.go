// The disks of machines: what is fetched from one and put to one under a lease, and which areas of it have changed.
package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/types"
)

func (f *front) sizeOf(vm *simulator.VirtualMachine, name string) int64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	if b, ok := f.disks[vm.Self.Value+"/"+name]; ok {
		return int64(len(b))
	}
	return int64(f.diskMB) << 20
}

func (f *front) upload(w http.ResponseWriter, r *http.Request, l *lease, name string) {
	if x := f.match("nfc-upload", r.URL.Path, "http drop"); x != nil {
		if x.Kind == "http" {
			http.Error(w, x.Message, x.Status)
			return
		}
		_, _ = io.CopyN(io.Discard, r.Body, r.ContentLength/2)
		if h, ok := w.(http.Hijacker); ok {
			if c, _, err := h.Hijack(); err == nil {
				_ = c.Close()
			}
		}
		return
	}
	b, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	f.mu.Lock()
	f.disks[l.vm.Self.Value+"/"+name] = b
	f.mu.Unlock()
	w.WriteHeader(http.StatusOK)
}

// content: the same bytes for the same machine and size, so that a backup can be compared.
type content struct {
	h    [32]byte
	off  int64
	size int64
}

func (c *content) Read(p []byte) (int, error) {
	if c.off >= c.size {
		return 0, io.EOF
	}
	n := 0
	for n < len(p) && c.off < c.size {
		var b [40]byte
		copy(b[:], c.h[:])
		binary.BigEndian.PutUint64(b[32:], uint64(c.off/4096))
		s := sha256.Sum256(b[:])
		k := 4096 - int(c.off%4096)
		for i := 0; i < k && n < len(p) && c.off < c.size; i++ {
			p[n] = s[c.off%32]
			n++
			c.off++
		}
	}
	return n, nil
}

func (f *front) download(w http.ResponseWriter, r *http.Request) {
	p := strings.Split(r.URL.Path, "/")
	f.mu.Lock()
	f.calls["GET nfc"]++
	l := f.leases[p[2]]
	f.mu.Unlock()
	if l == nil || len(p) != 4 {
		http.NotFound(w, r)
		return
	}
	if r.Method != http.MethodGet {
		f.upload(w, r, l, p[3])
		return
	}
	x := f.match("nfc", r.URL.Path, "http drop delay")
	if x != nil && x.Kind == "http" {
		http.Error(w, x.Message, x.Status)
		return
	}
	size := f.sizeOf(l.vm, p[3])
	var src io.Reader = &content{h: sha256.Sum256([]byte(l.vm.Self.Value + p[3])), size: size}
	f.mu.Lock()
	if b, ok := f.disks[l.vm.Self.Value+"/"+p[3]]; ok {
		src = bytes.NewReader(b)
	}
	f.mu.Unlock()
	w.Header().Set("Content-Length", strconv.FormatInt(size, 10))
	w.Header().Set("Content-Type", "application/x-vnd.vmware-streamVmdk")
	if x != nil && x.Kind == "drop" { // half of it, then the connection goes
		_, _ = io.CopyN(w, src, size/2)
		if h, ok := w.(http.Hijacker); ok {
			if c, _, err := h.Hijack(); err == nil {
				_ = c.Close()
			}
		}
		return
	}
	for {
		if x != nil && x.DelayMs > 0 {
			time.Sleep(time.Duration(x.DelayMs) * time.Millisecond)
		}
		if _, err := io.CopyN(w, src, 256<<10); err != nil {
			return
		}
	}
}

func (f *front) changed(w http.ResponseWriter, m *simulator.Method) {
	q, _ := m.Body.(*types.QueryChangedDiskAreas)
	size := int64(f.diskMB) << 20
	if q == nil || q.StartOffset >= size {
		sendFault(w, "InvalidArgument", "A specified parameter was not correct: startOffset")
		return
	}
	area := func(a, n int64) string {
		return fmt.Sprintf(`<changedArea><start>%d</start><length>%d</length></changedArea>`, a, n)
	}
	s := area(q.StartOffset, size-q.StartOffset)
	if q.ChangeId != "*" { // since an earlier change: one 64 KiB area in each MiB
		s = ""
		for o := q.StartOffset &^ (1<<20 - 1); o < size; o += 1 << 20 {
			if o >= q.StartOffset {
				s += area(o, 64<<10)
			}
		}
	}
	sendReturn(w, "QueryChangedDiskAreas", fmt.Sprintf(`<returnval><startOffset>%d</startOffset><length>%d</length>%s</returnval>`, q.StartOffset, size-q.StartOffset, s))
}
