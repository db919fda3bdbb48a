// The certificate of the lab, signed by an authority of its own, whose certificate clients find in ca.pem.
package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"time"
)

func certificate(dir string) tls.Certificate {
	ck, _ := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	ca := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "lab vCenter CA"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(240 * time.Hour), IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}
	cd, err := x509.CreateCertificate(rand.Reader, ca, ca, &ck.PublicKey, ck)
	fatal(err)
	k, _ := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	s := &x509.Certificate{SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "localhost"}, NotBefore: ca.NotBefore, NotAfter: ca.NotAfter, DNSNames: []string{"localhost", "vcenter.lab"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}
	sd, err := x509.CreateCertificate(rand.Reader, s, ca, &k.PublicKey, ck)
	fatal(err)
	fatal(os.WriteFile(dir+"/ca.pem", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cd}), 0644))
	return tls.Certificate{Certificate: [][]byte{sd}, PrivateKey: k}
}
