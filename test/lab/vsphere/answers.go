// What the lab answers by itself, in the words of SOAP: a value, a reference, or a fault of a named type.
package main

import (
	"fmt"
	"net/http"
	"reflect"
	"strings"

	"github.com/vmware/govmomi/vim25/types"
)

const env = `<?xml version="1.0" encoding="UTF-8"?>` + "\n" +
	`<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soapenv:Body>%s</soapenv:Body></soapenv:Envelope>`

func esc(s string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;").Replace(s)
}

func sendFault(w http.ResponseWriter, name, msg string) {
	w.Header().Set("Content-Type", "text/xml; charset=utf-8")
	w.WriteHeader(http.StatusInternalServerError)
	fmt.Fprintf(w, env, fmt.Sprintf(`<soapenv:Fault><faultcode>ServerFaultCode</faultcode><faultstring>%s</faultstring><detail><%sFault xmlns="urn:vim25" xsi:type="%s"></%sFault></detail></soapenv:Fault>`, esc(msg), name, name, name))
}

func sendReturn(w http.ResponseWriter, method, inner string) {
	w.Header().Set("Content-Type", "text/xml; charset=utf-8")
	fmt.Fprintf(w, env, fmt.Sprintf(`<%sResponse xmlns="urn:vim25">%s</%sResponse>`, method, inner, method))
}

func sendRef(w http.ResponseWriter, method string, ref types.ManagedObjectReference) {
	sendReturn(w, method, fmt.Sprintf(`<returnval type="%s">%s</returnval>`, ref.Type, ref.Value))
}

// newFault makes a fault of a named vim25 type; unknown names give a MethodFault's closest, GenericVmConfigFault.
func newFault(name string) types.BaseMethodFault {
	if t, ok := types.TypeFunc()(name); ok {
		if f, ok := reflect.New(t).Interface().(types.BaseMethodFault); ok {
			return f
		}
	}
	return &types.GenericVmConfigFault{Reason: name}
}
