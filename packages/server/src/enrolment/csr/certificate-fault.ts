import 'reflect-metadata'
import { nodesGroup, nodeUsername } from '@joinery/kube/names'
import { escapeText } from '@joinery/protocol'
import { SubjectAlternativeNameExtension, X509Certificate } from '@peculiar/x509'
import { only } from './csr-guard.ts'
import type { AlternativeName } from './csr-request.ts'

/** What a certificate is to be for: a node, and to serve TLS also these hosts and addresses. */
export interface Granted {
  name: string
  alternativeNames?: readonly AlternativeName[]
}

/** What a certificate in PEM is for. */
export interface Issued {
  commonNames: string[]
  organizations: string[]
  /** Subject attributes other than CN and O. */
  otherSubject: string[]
  alternativeNames: AlternativeName[]
  /** As `X509Certificate` of node:crypto writes it. */
  serial: string
}

/** Reads the outcome, whatever the request was understood as: by a certificate alone the cluster knows its holder. */
export const readCertificate = (pem: string): Issued => {
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

/** In what a certificate is not what was granted, in words; undefined if it is that and no more. */
export const certificateFault = (issued: Issued, { name, alternativeNames = [] }: Granted): string | undefined => {
  const { commonNames, organizations, otherSubject } = issued
  if (!only(commonNames, nodeUsername(name)) || !only(organizations, nodesGroup) || otherSubject.length > 0) {
    return `its subject is ${subjectText(issued)}, granted was O=${nodesGroup}, CN=${nodeUsername(name)}`
  }
  const [are, granted] = [textOf(issued.alternativeNames), textOf(alternativeNames)]
  return are === granted
    ? undefined
    : `it is for ${bounded(are) || 'no names'}, granted was ${bounded(granted) || 'none'}`
}

/** Whose a client certificate is to the cluster: a node's name, if it is one. Go takes the last CN. */
export const nodeOf = ({ commonNames }: Issued): string | undefined => {
  const last = commonNames.at(-1)
  const head = nodeUsername('')
  return last?.startsWith(head) ? last.slice(head.length) : undefined
}

const subjectText = ({ commonNames, organizations, otherSubject }: Issued): string =>
  bounded([...organizations.map((o) => `O=${o}`), ...commonNames.map((cn) => `CN=${cn}`), ...otherSubject].join(', '))

/** The signer writes names by their kinds, the request has them in any order. */
const textOf = (names: readonly AlternativeName[]): string =>
  names
    .map(({ type, value }) => `${type} ${value}`)
    .sort()
    .join(', ')

/** What somebody asked for may be of any length, and is kept. */
const bounded = (text: string): string => escapeText(text).slice(0, 256)
