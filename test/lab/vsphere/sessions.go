// Sessions: those that were ended on demand, and whether a request has a live one.
package main

import (
	"net/http"

	"github.com/vmware/govmomi/vim25/soap"
)

// sessions: a request of a session that was ended on demand goes on without it.
func (f *front) sessions(r *http.Request) {
	c, err := r.Cookie(soap.SessionCookieName)
	if err != nil {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if ended, known := f.ended[c.Value]; ended {
		r.Header.Del("Cookie")
	} else if !known {
		f.ended[c.Value] = false
	}
}

const currentTime = `<?xml version="1.0"?><Envelope xmlns="http://schemas.xmlsoap.org/soap/envelope/"><Body><CurrentTime xmlns="urn:vim25"><_this type="ServiceInstance">ServiceInstance</_this></CurrentTime></Body></Envelope>`

// authed answers with the simulator's own NotAuthenticated fault when the request has no live session.
func (f *front) authed(w http.ResponseWriter, r *http.Request) bool {
	rec := f.inner(r, []byte(currentTime))
	if rec.Code != http.StatusOK {
		relay(w, rec)
		return false
	}
	return true
}
