// Faults on demand: rules that calls, tasks or disks go wrong by, and what becomes of a call that one is for.
package main

import (
	"crypto/tls"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"
)

// rule: what goes wrong, for the next Times calls (0: always) of Method (empty: any) whose body holds Match.
type rule struct {
	Method  string `json:"method"`
	Match   string `json:"match"`
	Kind    string `json:"kind"` // fault (the call), task-fault (its task), http, drop (before the effect), drop-after, hang, hang-after, delay
	Fault   string `json:"fault"`
	Message string `json:"message"`
	Status  int    `json:"status"`
	DelayMs int    `json:"delayMs"`
	Times   int    `json:"times"`
	Skip    int    `json:"skip"` // calls let through first
	Hits    int    `json:"hits"`
	seen    int
}

func (f *front) match(method, body, kinds string) *rule {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, r := range f.rules {
		if !strings.Contains(kinds, r.Kind) || r.Method != "" && r.Method != method || r.Match != "" && !strings.Contains(body, r.Match) {
			continue
		}
		if r.Times > 0 && r.Hits >= r.Times {
			continue
		}
		if r.seen++; r.seen <= r.Skip {
			continue
		}
		r.Hits++
		c := *r
		return &c
	}
	return nil
}

// goesWrong does what a rule says of this call; false: none does, and it goes on, late perhaps.
func (f *front) goesWrong(w http.ResponseWriter, r *http.Request, body []byte, name string) bool {
	if x := f.match(name, string(body), "fault http drop-after hang-after delay"); x != nil {
		if x.DelayMs > 0 {
			time.Sleep(time.Duration(x.DelayMs) * time.Millisecond)
		}
		switch x.Kind {
		case "fault":
			sendFault(w, x.Fault, x.Message)
			return true
		case "http":
			if x.Status == 503 || x.Status == 429 {
				w.Header().Set("Retry-After", "1")
			}
			http.Error(w, x.Message, x.Status)
			return true
		case "drop", "drop-after", "hang", "hang-after":
			if strings.HasSuffix(x.Kind, "-after") { // it takes effect, and nobody hears of it
				f.answer(httptest.NewRecorder(), r, body, name)
				f.mu.Lock()
				f.calls[x.Kind]++
				f.mu.Unlock()
			}
			if strings.HasPrefix(x.Kind, "hang") {
				<-r.Context().Done()
				return true
			}
			if h, ok := w.(http.Hijacker); ok {
				if c, _, err := h.Hijack(); err == nil {
					if t, ok := c.(*tls.Conn); ok {
						if tc, ok := t.NetConn().(*net.TCPConn); ok {
							_ = tc.SetLinger(0)
						}
					}
					_ = c.Close()
				}
			}
			return true
		}
	}
	return false
}
