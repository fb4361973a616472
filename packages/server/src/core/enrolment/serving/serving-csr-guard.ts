import { nodesGroup, nodeUsername, servingSigner } from '@joinery/kube/names'
import { hasJoined, isWithin, type KeyAlgorithm, minute } from '@joinery/protocol'
import { plainAddress } from '../../base/ip-address.ts'
import type { Csr } from '../../ports/cluster/csrs.ts'
import { isStrong, kindFault } from '../../ports/cluster/kubelet-keys.ts'
import type { ClusterNode } from '../../ports/cluster/nodes.ts'
import type { EnrolmentDocument } from '../../ports/store/documents/enrolment-document.ts'
import { only } from '../csr/csr-guard.ts'
import { type AlternativeName, type CsrRequest, parseCsrRequest } from '../csr/csr-request.ts'
import { otherMachine } from '../node/unwanted-node.ts'
import { type AddressHolders, addressesOf } from './address-holders.ts'

/** Facts that a request for a serving certificate is judged by, beside its enrolment. */
export interface Surroundings {
  holders: AddressHolders
  /** Names and addresses at which the API server is, and what the names resolve to. */
  apiHosts: readonly string[]
  /** Networks of Services and Pods, as CIDRs. */
  clusterNetworks: readonly string[]
  /** The keys that the cluster's kubelets make for their serving certificate. */
  algorithm: KeyAlgorithm
}

/** Approval, or the reason why a request is left pending. `hostile`: nobody but an attacker asks so. */
export type ServingVerdict = 'approve' | { left: string; hostile?: true }

/**
 * Judges a request for a kubelet's serving certificate. It is approved if the kubelet of this enrolment's Node asks, for the
 * name and for addresses that were approved and are nobody else's. Any other request is left pending. `node`: the Node of the
 * enrolment's name.
 */
export const judgeServingCsr = (
  csr: Csr,
  enrolment: EnrolmentDocument,
  node: ClusterNode | undefined,
  around: Surroundings
): ServingVerdict => {
  const request = parseCsrRequest(csr.request)
  if (request === undefined) return { left: 'it is not one canonical request', hostile: true }
  const left =
    requesterFault(csr, enrolment) ?? nodeFault(csr, enrolment, node) ?? requestFault(csr, request, enrolment, around)
  return left === undefined ? 'approve' : { left: left.slice(0, longestReason) }
}

/** Longest reason that is kept, in characters: names in a request may be of any length. */
const longestReason = 256

const requesterFault = ({ username, groups, signer }: Csr, { name }: EnrolmentDocument): string | undefined => {
  if (signer !== servingSigner) return `it is for the signer ${signer}`
  if (username !== nodeUsername(name)) return `${username} asks, and not the kubelet itself`
  const strange = groups.filter((group) => group !== nodesGroup && group !== 'system:authenticated')
  if (strange.length > 0) return `the requester is also in the group ${strange[0]}`
  return groups.includes(nodesGroup) ? undefined : `the requester is not in the group ${nodesGroup}`
}

/**
 * Fault of the Node that a request is for. A kubelet may ask a moment before its Node is there. An older request is that of an
 * earlier kubelet of the name.
 */
const nodeFault = (
  { created }: Csr,
  enrolment: EnrolmentDocument,
  node: ClusterNode | undefined
): string | undefined => {
  const { state, reason, node: traced } = enrolment
  if (!hasJoined(enrolment)) return `the enrolment is ${state}`
  if (reason !== undefined) return reason
  if (node === undefined || node.machineId === '') return 'its Node is not there'
  if (node.uid !== traced?.uid) return `Node ${node.name} is not the one that registered`
  const other = otherMachine(enrolment, node)
  if (other !== undefined) return other
  return created.getTime() < node.created.getTime() - minute
    ? 'an earlier kubelet of that name made it, before the Node was there'
    : undefined
}

const requestFault = (
  { usages }: Csr,
  request: CsrRequest,
  enrolment: EnrolmentDocument,
  around: Surroundings
): string | undefined => {
  const { name } = enrolment
  const { commonNames, organizations, otherSubject, alternativeNames, key } = request
  if (!only(commonNames, nodeUsername(name)) || !only(organizations, nodesGroup) || otherSubject.length > 0) {
    return `its subject is not exactly O=${nodesGroup}, CN=${nodeUsername(name)}`
  }
  if (!isStrong(key)) return 'its key is too weak, or of a kind that no kubelet makes'
  const other = kindFault(key, around.algorithm, 'serverCertificateKeyAlgorithm')
  if (other !== undefined) return other
  if (!areServing(usages, key.asymmetricKeyType === 'rsa')) return `it asks for the usages ${usages.join(', ')}`
  if (alternativeNames === undefined) return 'it asks for more than names and addresses'
  if (alternativeNames.length === 0) return 'it names neither a host nor an address'
  for (const alternative of alternativeNames) {
    const fault = nameFault(alternative, enrolment, around)
    if (fault !== undefined) return fault
  }
  return undefined
}

/** True if the usages are those that the signer allows. An RSA key may also do `key encipherment`. */
const areServing = (usages: readonly string[], rsa: boolean): boolean => {
  const wanted = ['digital signature', 'server auth']
  const allowed = rsa ? [...wanted, 'key encipherment'] : wanted
  return wanted.every((usage) => usages.includes(usage)) && usages.every((usage) => allowed.includes(usage))
}

const nameFault = (
  { type, value }: AlternativeName,
  enrolment: EnrolmentDocument,
  around: Surroundings
): string | undefined => {
  if (type === 'ip') return addressFault(value, enrolment, around)
  if (type !== 'dns') return `it asks for a name of the kind ${type}`
  if (value !== enrolment.name) return `it asks for the host name ${value}, which is not the Node's`
  if (around.apiHosts.includes(value.toLowerCase())) return `${value} is a name of the API server`
  return isReserved(value) ? `${value} is a name that Pods know the API server, a Service or themselves by` : undefined
}

/**
 * True of a name that Pods know something else by. A Node may be called so, but a certificate of the cluster's CA for it would
 * be believed elsewhere.
 */
const isReserved = (name: string): boolean =>
  /^kubernetes(\.default)?$|(^|\.)localhost$|\.svc(\.|$)|\.cluster\.local$/.test(name)

const addressFault = (value: string, enrolment: EnrolmentDocument, around: Surroundings): string | undefined => {
  const address = plainAddress(value)
  if (address === undefined) return `it asks for ${value}, which is no address`
  const [kind] = special.find(([, networks]) => isWithin(address, networks)) ?? []
  if (kind !== undefined) return `${address} is ${kind}`
  if (around.apiHosts.includes(address)) return `${address} is the API server's`
  if (isWithin(address, around.clusterNetworks)) return `${address} is in the cluster's network of Services or Pods`
  if (!addressesOf(enrolment).includes(address)) {
    return `${address} is neither where the server sees the machine nor what it claimed when it was approved`
  }
  const other = around.holders
    .get(address)
    ?.find((holder) => holder.node !== enrolment.name && holder.enrolment !== enrolment.id)
  return other && `${address} also belongs to ${other.who}`
}

/** Addresses that no machine owns, or by which no other reaches it. */
const special: readonly [kind: string, networks: readonly string[]][] = [
  ['unspecified', ['0.0.0.0/8', '::/128']],
  ['loopback', ['127.0.0.0/8', '::1/128']],
  ['link-local', ['169.254.0.0/16', 'fe80::/10']],
  ['multicast', ['224.0.0.0/4', 'ff00::/8']],
  ['reserved', ['240.0.0.0/4']]
]
