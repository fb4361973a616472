import type { DecisionSpec } from '@joinery/protocol/door'
import type { ContractSite } from './site.ts'

/** Users, each with a role of Joinery's own; `wanda` has one that somebody made too wide: all rights on the objects, and no verb. */
export const operators = { viewer: 'vera', auditor: 'audrey', approver: 'alice', admin: 'adam' } as const

const group = 'joinery.dev'
const everything = ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete']

/** Makes the users, and gives what each theme of the door needs. */
export const inviteOperators = async ({ api }: ContractSite): Promise<void> => {
  for (const [role, user] of Object.entries(operators)) await api.bind(user, `joinery-${role}`)
  await api.grant('wanda', [{ apiGroups: [group], resources: ['*'], verbs: everything }])
  // somebody who invites, and gives neither labels nor taints
  await api.grant('ines', [{ apiGroups: [group], resources: ['codes'], verbs: ['create', 'invite'] }])
  const invites = {
    apiGroups: [group],
    resources: ['codes'],
    verbs: ['create', 'invite', 'invite-control-plane', 'label']
  }
  const mayApprove = (verb: string) => ({ apiGroups: [group], resources: ['enrolments'], verbs: [verb] })
  await api.grant('ivan', [invites])
  await api.grant('paula', [invites, mayApprove('approve')])
  await api.grant('celia', [invites, mayApprove('approve-control-plane')])
  // who replaces a Node has two verbs; these have one of them
  const decides = { apiGroups: [group], resources: ['decisions'], verbs: ['create'] }
  for (const verb of ['approve', 'replace']) await api.grant(`only-${verb}`, [decides, mayApprove(verb)])

  await api.until('vera', 'get', group, 'enrolments')
  await api.until('audrey', 'get', group, 'enrolments')
  for (const user of ['alice', 'adam', 'paula', 'only-approve']) await api.until(user, 'approve', group, 'enrolments')
  await api.until('celia', 'approve-control-plane', group, 'enrolments')
  await api.until('only-replace', 'replace', group, 'enrolments')
  for (const user of ['ines', 'ivan', 'paula', 'celia']) await api.until(user, 'invite', group, 'codes')
  await api.until('wanda', 'delete', group, 'codes')
}

const apiVersion = 'joinery.dev/v1beta1'

/** Ids of enrolments. Nobody asks whether there are any. */
export const [id, other] = ['019301b2-7c3d-7e4f-8a5b-6c7d8e9f0a1b', '019301b2-7c3d-7e4f-8a5b-6c7d8e9f0a1c']
export const key = `sha256:${'a'.repeat(64)}`

export const decision = (by: string, spec: object = {}, metadata: object = { generateName: 'd-' }) => ({
  apiVersion,
  kind: 'Decision',
  metadata,
  spec: { enrolment: id, role: 'worker', verdict: 'approve', key, revision: 3, by, ...spec } as DecisionSpec
})

const hash = 'ab'.repeat(32)

export const code = (by: string, spec: object = {}, name = hash) => ({
  apiVersion,
  kind: 'Code',
  metadata: { name },
  spec: { hash: name, role: 'worker', expires: '2099-12-01T00:00:00Z', by, ...spec }
})

export const enrolment = (name: string, status?: object) => ({
  apiVersion,
  kind: 'Enrolment',
  metadata: { name },
  ...(status && { status })
})

export const installation = (name: string) => ({ apiVersion, kind: 'Installation', metadata: { name } })
