import 'reflect-metadata'
import { createPrivateKey, createPublicKey, sign } from 'node:crypto'
import { signatures } from '@joinery/protocol'
import { CertificationRequest, CertificationRequestInfo } from '@peculiar/asn1-csr'
import { AsnConvert } from '@peculiar/asn1-schema'
import { AlgorithmIdentifier, Name as SubjectName, SubjectPublicKeyInfo } from '@peculiar/asn1-x509'
import { Name, Pkcs10CertificateRequest } from '@peculiar/x509'
import type { JoinKey } from './join-key.ts'

/**
 * certificateRequest makes the PKCS#10 request (PEM) of a kubelet of this name, signed with the join key. Whoever asks loads this file when
 * it is needed: the library costs 5 MB.
 */
export const certificateRequest = async (
  { key, algorithm }: Pick<JoinKey, 'key' | 'algorithm'>,
  nodeName: string
): Promise<string> => {
  const subject = new Name([{ O: ['system:nodes'] }, { CN: [`system:node:${nodeName}`] }]).toArrayBuffer()
  const spki = createPublicKey(key).export({ type: 'spki', format: 'der' })
  const certificationRequestInfo = new CertificationRequestInfo({
    subject: AsnConvert.parse(subject, SubjectName),
    subjectPKInfo: AsnConvert.parse(spki, SubjectPublicKeyInfo)
  })
  const { oid, hash } = signatures[algorithm]
  const signed = Buffer.from(AsnConvert.serialize(certificationRequestInfo))
  const request = new CertificationRequest({
    certificationRequestInfo,
    // an RSA signature has the parameter NULL (RFC 4055, section 5), and no other one has any
    signatureAlgorithm: new AlgorithmIdentifier({
      algorithm: oid,
      ...(algorithm.startsWith('RSA') && { parameters: null })
    }),
    signature: new Uint8Array(sign(hash, signed, createPrivateKey(key))).buffer
  })
  return new Pkcs10CertificateRequest(AsnConvert.serialize(request)).toString('pem')
}
