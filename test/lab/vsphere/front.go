// The HTTP front before the simulator: it counts the calls, lets a rule have its way with them, and gives each to what the lab
// does in its own way, else to the simulator.
package main

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"runtime/debug"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/types"
)

type front struct {
	mux      http.Handler
	host     string
	thumb    string
	mu       sync.Mutex
	rules    []*rule
	calls    map[string]int
	log      []string
	taskMs   int
	cancel   map[string]bool
	leases   map[string]*lease
	diskMB   int
	leaseTTL time.Duration
	pieces   map[string]string // machine -> what becomes of its disks when a snapshot goes: "left", "stuck"
	disks    map[string][]byte // machine/file -> what was uploaded
	seq      int64
	active   int64
	maxAct   int64
	now      map[string]int
	most     map[string]int
	ended    map[string]bool
	cloning  sync.Mutex
	guests   *guests
}

func (f *front) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch {
	case r.URL.Path == "/lab/guest":
		f.guests.control(w, r)
	case strings.HasPrefix(r.URL.Path, "/lab/"):
		f.control(w, r)
	case strings.HasPrefix(r.URL.Path, "/lab-guest/"):
		f.guests.transfer(w, r)
	case strings.HasPrefix(r.URL.Path, "/lab-nfc/"):
		f.download(w, r)
	case r.Method == http.MethodPost && (r.URL.Path == "/sdk" || strings.HasPrefix(r.URL.Path, "/sdk/")):
		f.sdk(w, r)
	default:
		f.mu.Lock()
		f.calls[r.Method+" "+r.URL.Path]++
		f.mu.Unlock()
		f.mux.ServeHTTP(w, r)
	}
}

// inner runs one request against the simulator and gives its answer.
func (f *front) inner(r *http.Request, body []byte) (rec *httptest.ResponseRecorder) {
	rec = httptest.NewRecorder()
	q := r.Clone(r.Context())
	q.Body = io.NopCloser(bytes.NewReader(body))
	defer func() { // a bug of the simulator's: a fault, as a real one would answer, and a line in the log
		if e := recover(); e != nil {
			fmt.Fprintf(os.Stderr, "simulator panic: %v\n%s\n", e, debug.Stack())
			rec = httptest.NewRecorder()
			sendFault(rec, "SystemError", fmt.Sprint("simulator: ", e))
		}
	}()
	f.mux.ServeHTTP(rec, q)
	return rec
}

func relay(w http.ResponseWriter, rec *httptest.ResponseRecorder) {
	for k, v := range rec.Header() {
		w.Header()[k] = v
	}
	w.Header().Set("Content-Type", "text/xml; charset=utf-8")
	w.WriteHeader(rec.Code)
	_, _ = w.Write(rec.Body.Bytes())
}

var bodyRe = regexp.MustCompile(`(?s)<(?:[\w-]+:)?Body[^>]*>\s*<(?:[\w-]+:)?(\w+)`)

func (f *front) sdk(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	name := "?"
	if m := bodyRe.FindSubmatch(body); m != nil {
		name = string(m[1])
	}
	f.sessions(r)
	n := atomic.AddInt64(&f.active, 1)
	defer atomic.AddInt64(&f.active, -1)
	defer func() {
		f.mu.Lock()
		f.now[name]--
		f.mu.Unlock()
	}()
	f.mu.Lock()
	if n > f.maxAct {
		f.maxAct = n
	}
	f.calls[name]++
	if f.now[name]++; f.now[name] > f.most[name] {
		f.most[name] = f.now[name]
	}
	if f.log = append(f.log, name); len(f.log) > 2000 {
		f.log = f.log[1000:]
	}
	f.mu.Unlock()
	if f.goesWrong(w, r, body, name) {
		return
	}
	if name == "WaitForUpdatesEx" { // the simulator goes on waiting for who has left
		rec, done := httptest.NewRecorder(), make(chan struct{})
		go func() {
			f.answer(rec, r, body, name)
			close(done)
		}()
		select {
		case <-done:
			relay(w, rec)
		case <-r.Context().Done():
		}
		return
	}
	f.answer(w, r, body, name)
}

// answer does what was asked, as far as the simulator lacks it here, else there.
func (f *front) answer(w http.ResponseWriter, r *http.Request, body []byte, name string) {
	m, err := simulator.UnmarshalBody(types.TypeFunc(), body)
	if err != nil {
		relay(w, f.inner(r, body))
		return
	}
	switch name {
	case "CancelTask":
		f.mu.Lock()
		f.cancel[m.This.Value] = true
		f.mu.Unlock()
		sendReturn(w, name, "")
	case "ExportVm", "ExportSnapshot":
		f.export(w, r, m, name)
	case "CreateDescriptor":
		if f.authed(w, r) {
			descriptor(w, m)
		}
	case "ImportVApp":
		f.imported(w, r, body, m)
	case "QueryPerfCounter":
		if f.authed(w, r) {
			counters(w, m)
		}
	case "QueryChangedDiskAreas":
		if f.authed(w, r) {
			f.changed(w, m)
		}
	default:
		if f.guests.operation(w, r, name, m, body) {
			return
		}
		if strings.HasSuffix(name, "_Task") {
			f.task(w, r, body, m, name)
			return
		}
		relay(w, f.inner(r, body))
	}
}
