import 'reflect-metadata'
import { nodesGroup, nodeUsername } from '@joinery/kube/names'
import { escapeText } from '@joinery/protocol'
import { SubjectAlternativeNameExtension, X509Certificate } from '@peculiar/x509'
import { rememberLatest } from '../../base/remember-latest.ts'
import { only } from './csr-guard.ts'
import type { AlternativeName } from './csr-request.ts'

/** Purpose that a certificate was granted for: a node, and TLS service for these hosts and addresses. */
export interface Granted {
  name: string
  alternativeNames?: readonly AlternativeName[]
}

/** Subject, names and serial of a certificate that was issued. */
export interface Issued {
  readonly commonNames: readonly string[]
  readonly organizations: readonly string[]
  /** Subject attributes other than CN and O. */
  readonly otherSubject: readonly string[]
  readonly alternativeNames: readonly AlternativeName[]
  /** As `X509Certificate` of node:crypto writes it. */
  readonly serial: string
}

/** Reads a certificate in PEM, whatever its request was understood as. The cluster knows a holder only by the certificate. */
export const readCertificate = (pem: string): Issued => (pem.length > longestKept ? parse(pem) : latest(pem))

/** Longest certificate that is remembered, in characters. A kubelet's has 1,100. */
const longestKept = 8192

const parse = (pem: string): Issued => {
  const { subjectName, extensions, serialNumber } = new X509Certificate(pem)
  const attributes = subjectName.toJSON().flatMap((part) => Object.entries(part))
  const values = (type: string) => attributes.filter(([name]) => name === type).flatMap(([, value]) => value)
  return {
    commonNames: values('CN'),
    organizations: values('O'),
    otherSubject: attributes.map(([name]) => name).filter((name) => name !== 'CN' && name !== 'O'),
    alternativeNames: extensions.flatMap((extension) =>
      extension instanceof SubjectAlternativeNameExtension
        ? extension.names.items.map(({ type, value }) => ({ type, value }))
        : []
    ),
    serial: serialNumber.toUpperCase()
  }
}

/**
 * Parses a certificate, or remembers it: each pass judges it again, and to parse it takes half a millisecond. It keeps some 3,500 of a
 * kubelet's, in some 10 MB: those of all machines that join in an hour.
 */
const latest = rememberLatest(parse, 4_000_000)

/** Difference between a certificate and what was granted, in words. Undefined if the certificate is that and no more. */
export const certificateFault = (issued: Issued, { name, alternativeNames = [] }: Granted): string | undefined => {
  const { commonNames, organizations, otherSubject } = issued
  if (!only(commonNames, nodeUsername(name)) || !only(organizations, nodesGroup) || otherSubject.length > 0) {
    return `its subject is ${subjectText(issued)}, but O=${nodesGroup}, CN=${nodeUsername(name)} was granted`
  }
  const [are, granted] = [textOf(issued.alternativeNames), textOf(alternativeNames)]
  return are === granted
    ? undefined
    : `it is for ${bounded(are) || 'no names'}, but ${bounded(granted) || 'none'} was granted`
}

/**
 * Name of the node that the cluster takes the holder of a client certificate for. Undefined if it is no node. Go takes the last
 * CN.
 */
export const nodeOf = ({ commonNames }: Issued): string | undefined => {
  const last = commonNames.at(-1)
  const head = nodeUsername('')
  return last?.startsWith(head) ? last.slice(head.length) : undefined
}

const subjectText = ({ commonNames, organizations, otherSubject }: Issued): string =>
  bounded([...organizations.map((o) => `O=${o}`), ...commonNames.map((cn) => `CN=${cn}`), ...otherSubject].join(', '))

/** The names in one order: the signer writes them by their kinds, and a request has them in any order. */
const textOf = (names: readonly AlternativeName[]): string =>
  names
    .map(({ type, value }) => `${type} ${value}`)
    .sort()
    .join(', ')

/** The text, escaped and cut: what somebody asked for may be of any length, and is kept. */
const bounded = (text: string): string => escapeText(text).slice(0, 256)
