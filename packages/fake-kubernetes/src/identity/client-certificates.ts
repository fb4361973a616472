import { X509Certificate } from 'node:crypto'
import type { User } from './user.ts'

/** The user of a certificate of the cluster's CA, and its time. */
interface Known {
  user: User
  from: number
  to: number
}

/** OIDs of client authentication and of any use. A certificate without extended key usage is for any as well. */
const clientUses = ['1.3.6.1.5.5.7.3.2', '2.5.29.37.0']

/** Makes a function that names the holder of a client certificate, undefined if the CA did not sign it (authentication/request/x509). */
export const certificateUsers = (clusterCa: string, now: () => Date): ((pem: string) => User | undefined) => {
  const pems = clusterCa.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []
  const authorities = pems.map((pem) => new X509Certificate(pem))
  // to parse one costs more than the rest of a request
  const known = new Map<string, Known | undefined>()
  return (pem) => {
    if (!known.has(pem)) known.set(pem, read(pem, authorities))
    const { user, from = 0, to = 0 } = known.get(pem) ?? {}
    const time = now().getTime()
    return from <= time && time <= to ? user : undefined
  }
}

const read = (pem: string, authorities: readonly X509Certificate[]): Known | undefined => {
  const certificate = new X509Certificate(pem)
  const authority = authorities.find((one) => certificate.checkIssued(one) && certificate.verify(one.publicKey))
  const uses = (certificate.keyUsage as string[] | undefined) ?? clientUses
  const { CN = [], O = [] } = certificate.toLegacyObject().subject
  // Go takes the last common name
  const username = [CN].flat().at(-1)
  if (authority === undefined || username === undefined || !uses.some((use) => clientUses.includes(use)))
    return undefined
  const id = `X509SHA256=${certificate.fingerprint256.replaceAll(':', '').toLowerCase()}`
  const both = [certificate, authority]
  return {
    user: { username, groups: [O].flat(), extra: { 'authentication.kubernetes.io/credential-id': [id] } },
    from: Math.max(...both.map(({ validFromDate }) => validFromDate.getTime())),
    to: Math.min(...both.map(({ validToDate }) => validToDate.getTime()))
  }
}
