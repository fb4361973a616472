// Prints, as JSON, the requests for certificates that the kubelet of one minor version makes, by that version's own client-go: a
// client certificate and a serving certificate by each kind of key.
package main

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"net"
	"os"

	certificates "k8s.io/api/certificates/v1"
	"k8s.io/client-go/util/cert"
	"k8s.io/client-go/util/certificate"
)

type kind struct {
	name string
	make func() (crypto.Signer, error)
}

// Every kubelet makes such a key if its configuration says nothing. The file for Go 1.27 has those that it can say since 1.38.
var kinds = []kind{{"ECDSA-P256", func() (crypto.Signer, error) { return ecdsa.GenerateKey(elliptic.P256(), rand.Reader) }}}

type request struct {
	Key    string                  `json:"key"`
	For    string                  `json:"for"`
	Usages []certificates.KeyUsage `json:"usages"`
	Pem    string                  `json:"pem"`
}

func main() {
	// as pkg/kubelet/certificate/kubelet.go fills them in
	subject := pkix.Name{CommonName: "system:node:worker-1", Organization: []string{"system:nodes"}}
	templates := []struct {
		name     string
		template x509.CertificateRequest
		usages   func(privateKey interface{}) []certificates.KeyUsage
	}{
		{"client", x509.CertificateRequest{Subject: subject}, certificate.DefaultKubeletClientGetUsages},
		{"serving", x509.CertificateRequest{
			Subject:     subject,
			DNSNames:    []string{"worker-1"},
			IPAddresses: []net.IP{net.ParseIP("10.0.0.7"), net.ParseIP("2001:db8::7")},
		}, certificate.DefaultKubeletServingGetUsages},
	}
	requests := []request{}
	for _, kind := range kinds {
		for _, wanted := range templates {
			key, err := kind.make()
			if err != nil {
				panic(err)
			}
			pem, err := cert.MakeCSRFromTemplate(key, &wanted.template)
			if err != nil {
				panic(err)
			}
			requests = append(requests, request{kind.name, wanted.name, wanted.usages(key), string(pem)})
		}
	}
	encoder := json.NewEncoder(os.Stdout)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(requests); err != nil {
		panic(err)
	}
}
