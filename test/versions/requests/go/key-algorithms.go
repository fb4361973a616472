//go:build go1.27

package main

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/mldsa"
	"crypto/rand"
	"crypto/rsa"
	"fmt"
)

// The values of clientCertificateKeyAlgorithm and serverCertificateKeyAlgorithm (pkg/kubelet/certificate/keyalgorithm of 1.38).
func init() {
	kinds = append(kinds, kind{"ECDSA-P384", func() (crypto.Signer, error) { return ecdsa.GenerateKey(elliptic.P384(), rand.Reader) }})
	for _, bits := range []int{2048, 3072, 4096} {
		kinds = append(kinds, kind{fmt.Sprintf("RSA-%d", bits), func() (crypto.Signer, error) { return rsa.GenerateKey(rand.Reader, bits) }})
	}
	for _, parameters := range []mldsa.Parameters{mldsa.MLDSA44(), mldsa.MLDSA65(), mldsa.MLDSA87()} {
		kinds = append(kinds, kind{parameters.String(), func() (crypto.Signer, error) { return mldsa.GenerateKey(parameters) }})
	}
}
