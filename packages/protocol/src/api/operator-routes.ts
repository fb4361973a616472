import Type, { type Static } from 'typebox'
import { AuditFile, AuditFileQuery, AuditLogs, AuditPage, AuditQuery } from '../audit/audit-api.ts'
import { Why } from '../machine/cause.ts'
import { fingerprintOf, PreflightPolicy } from '../machine/machine.ts'
import { Gates } from '../words/gates.ts'
import { Labels, Taints } from '../words/labels-and-taints.ts'
import { credentialKinds, roles, sealedLimit } from './agent-api.ts'
import { CodeQuery, EnrolmentQuery, NodeQuery } from './lists.ts'
import { NodeList } from './nodes.ts'
import {
  Code,
  CodeDetail,
  CodeList,
  Enrolment,
  EnrolmentDetail,
  EnrolmentList,
  EnrolmentRows,
  JoinCommand,
  NameHolder,
  NewCode
} from './operator-api.ts'
import { RecoverPolicy } from './recovery-api.ts'
import type { Routes } from './route.ts'
import { Status } from './status.ts'
import { WebhookList, WebhookRequest, WebhookResentList, WebhookTestList } from './webhooks.ts'

const strict = { additionalProperties: false }
const Fingerprint = fingerprintOf('a public key')
const Reference = Type.Object({ reference: Type.String({ maxLength: 253 }) })

/** Limits and default of a code's lifetime, in seconds. A machine's first use of the code is possible within it. */
export const codeLifetime = { minimum: 60, maximum: 7 * 24 * 3600, default: 1800 } as const

/** Limits of the number of machines that one code may let in. An operator decides about each of them. The default is one. */
export const codeUses = { minimum: 1, maximum: 1000 } as const

/** `POST /v1/codes`. `ttl`, in seconds, bounds only the first use of each machine. */
export const CodeRequest = Type.Object(
  {
    name: Type.Optional(
      Type.String({
        maxLength: 1024,
        description:
          'node name, or a pattern with {n} for the lowest free number; if absent, the machine asks for a name'
      })
    ),
    role: Type.Optional(Type.Enum([...roles], { description: 'role of the machine; a worker if absent' })),
    uses: Type.Optional(Type.Integer({ ...codeUses, description: 'number of machines that may use the code' })),
    from: Type.Optional(
      Type.Array(Type.String({ maxLength: 49 }), {
        maxItems: 16,
        description: 'networks (CIDR) from which a machine must come, as the server sees its address; all if absent'
      })
    ),
    ttl: Type.Integer({ ...codeLifetime }),
    labels: Type.Optional(Labels),
    taints: Type.Optional(Taints),
    readyWhen: Type.Optional(Gates),
    policy: Type.Optional(PreflightPolicy),
    credential: Type.Optional(
      Type.Enum([...credentialKinds], {
        description: 'credential kind for the machine; if absent, the configuration of the server decides'
      })
    ),
    prefetch: Type.Optional(
      Type.Boolean({
        description:
          'whether a machine that waits is told which images the nodes run, and pulls them; if absent, only with `from` or for one machine'
      })
    ),
    recover: Type.Optional(RecoverPolicy),
    proof: Type.Optional(
      Type.Boolean({
        description: 'whether the approval policy may rest on the code; if absent, it may, since root makes this code'
      })
    )
  },
  strict
)
export type CodeRequest = Static<typeof CodeRequest>

/** The revision and the key that an operator was shown. An approval covers these and nothing else. */
const shown = { revision: Type.Integer(), key: Enrolment.properties.key }
export const ApproveRequest = Type.Object(
  {
    ...shown,
    replace: Type.Optional(
      Type.Object({ uid: Type.String({ maxLength: 64 }) }, { ...strict, description: 'Node that must make room' })
    )
  },
  strict
)
export type ApproveRequest = Static<typeof ApproveRequest>

/** A retry of a failed enrolment is an approval: it covers what was shown too. */
export const RetryRequest = Type.Object(shown, strict)
export type RetryRequest = Static<typeof RetryRequest>

/**
 * The keys of the cluster, sealed for the machine with that key and that seal key. Root on a control-plane host sends
 * them for an approved control plane. They are good for `grantLifetime`.
 */
export const GrantRequest = Type.Object(
  {
    key: Fingerprint,
    sealKey: Type.String({ maxLength: 1024 }),
    sealed: Type.String({ maxLength: sealedLimit, pattern: '^[A-Za-z0-9_.-]+$' })
  },
  strict
)
export type GrantRequest = Static<typeof GrantRequest>

export const RejectRequest = Type.Object({ reason: Type.String({ minLength: 1, maxLength: 512 }) }, strict)
export type RejectRequest = Static<typeof RejectRequest>

export const ReleaseRequest = Type.Object({ key: Fingerprint }, strict)
export type ReleaseRequest = Static<typeof ReleaseRequest>

/** As in Kubernetes: the whole decision is checked, and nothing changes. */
const dryRun = Type.Optional(
  Type.Literal('All', { description: 'the server checks the whole decision, answers as it would, and changes nothing' })
)

/** Conditions of a decision. `revision` and `key` go together. */
export const DecideQuery = Type.Object(
  {
    dryRun,
    revision: Type.Optional(
      Type.String({
        pattern: '^[0-9]{1,15}$',
        description: 'revision that was shown; refused if it is another one by now'
      })
    ),
    key: Type.Optional({ ...Enrolment.properties.key, description: 'key that was shown, with `revision`' })
  },
  strict
)
export type DecideQuery = Static<typeof DecideQuery>

export const RevokeQuery = Type.Object({ dryRun }, strict)
export type RevokeQuery = Static<typeof RevokeQuery>

/** Limits and default, in seconds, of the time in which a machine may join by a join command. */
export const joinCommandLifetime = { minimum: 60, maximum: 1800, default: 900 } as const

/** `POST /v1/join-commands`: one machine may join under this name, without an agent, within `ttl` seconds. */
export const JoinCommandRequest = Type.Object(
  {
    name: Type.String({ maxLength: 1024, description: 'node name' }),
    role: Type.Optional(Type.Enum([...roles], { description: 'role of the machine; a worker if absent' })),
    ttl: Type.Integer({ ...joinCommandLifetime })
  },
  strict
)
export type JoinCommandRequest = Static<typeof JoinCommandRequest>

/**
 * Calls of an operator, on the operators' socket. `reference` is a code's id, or an enrolment's node name or id. A
 * new call goes here with what it takes, as a method of a service, into the handlers (`routes/operators.ts` of the
 * server), and as a command (`commands/` of the cli, and a line in its `program/program.ts`); CONTRIBUTING has the
 * recipe.
 */
export const operatorRoutes = {
  createCode: {
    method: 'POST',
    path: '/v1/codes',
    summary: 'Make a code: an invitation for one machine, or for several',
    body: CodeRequest,
    response: { 201: NewCode }
  },
  listCodes: {
    method: 'GET',
    path: '/v1/codes',
    summary: 'List the codes, without the codes themselves',
    query: CodeQuery,
    response: { 200: CodeList }
  },
  showCode: {
    method: 'GET',
    path: '/v1/codes/:reference',
    summary: 'Show one code, who used it, and what happened to it',
    params: Reference,
    response: { 200: CodeDetail }
  },
  revokeCode: {
    method: 'POST',
    path: '/v1/codes/:reference/revoke',
    summary: 'End the remaining uses of a code',
    params: Reference,
    query: RevokeQuery,
    response: { 200: Code }
  },
  list: {
    method: 'GET',
    path: '/v1/enrolments',
    summary: 'List the enrolments in the order of their creation',
    query: EnrolmentQuery,
    response: { 200: EnrolmentList }
  },
  listRows: {
    method: 'GET',
    path: '/v1/enrolment-rows',
    summary: 'List the enrolments with what a table shows of each',
    query: EnrolmentQuery,
    response: { 200: EnrolmentRows }
  },
  show: {
    method: 'GET',
    path: '/v1/enrolments/:reference',
    summary: 'Show one enrolment, its evidence and its timeline',
    params: Reference,
    response: { 200: EnrolmentDetail }
  },
  why: {
    method: 'GET',
    path: '/v1/enrolments/:reference/why',
    summary: 'Say why the Node of an enrolment is not Ready: the likeliest cause first, with evidence and commands',
    params: Reference,
    response: { 200: Why }
  },
  approve: {
    method: 'POST',
    path: '/v1/enrolments/:reference/approve',
    summary: 'Let a machine join; the revision and the key say which machine was shown',
    params: Reference,
    body: ApproveRequest,
    query: DecideQuery,
    response: { 200: Enrolment }
  },
  grant: {
    method: 'PUT',
    path: '/v1/enrolments/:reference/grant',
    summary: 'Give an approved control plane the keys of the cluster, sealed for it',
    params: Reference,
    body: GrantRequest,
    bodyLimit: 2 * sealedLimit,
    response: { 200: Enrolment }
  },
  reject: {
    method: 'POST',
    path: '/v1/enrolments/:reference/reject',
    summary: 'Refuse a machine for good',
    params: Reference,
    body: RejectRequest,
    query: DecideQuery,
    response: { 200: Enrolment }
  },
  release: {
    method: 'POST',
    path: '/v1/enrolments/:reference/release',
    summary: 'Say which key is right after two keys used one code',
    params: Reference,
    body: ReleaseRequest,
    query: DecideQuery,
    response: { 200: Enrolment }
  },
  retry: {
    method: 'POST',
    path: '/v1/enrolments/:reference/retry',
    summary: 'Let a machine that failed or came too late try again',
    params: Reference,
    body: RetryRequest,
    query: DecideQuery,
    response: { 200: Enrolment }
  },
  joinCommand: {
    method: 'POST',
    path: '/v1/join-commands',
    summary: 'Make a join command for one machine without an agent',
    body: JoinCommandRequest,
    response: { 201: JoinCommand }
  },
  listNodes: {
    method: 'GET',
    path: '/v1/nodes',
    summary: 'List the Nodes of the cluster, each with the enrolment that it traces to',
    query: NodeQuery,
    response: { 200: NodeList }
  },
  holder: {
    method: 'GET',
    path: '/v1/enrolments/:reference/holder',
    summary: 'Show the Node or Pod that uses the name of an enrolment now',
    params: Reference,
    response: { 200: NameHolder }
  },
  remove: {
    method: 'POST',
    path: '/v1/enrolments/:reference/remove',
    summary: 'Take a machine out of the cluster: ban its name and delete its Node',
    params: Reference,
    query: DecideQuery,
    response: { 200: Enrolment }
  },
  status: {
    method: 'GET',
    path: '/v1/status',
    summary: 'Show the state of the pairing server',
    response: { 200: Status }
  },
  listWebhooks: {
    method: 'GET',
    path: '/v1/webhooks',
    summary: 'List the receivers of notices, each with what waits for it and what it did not take',
    response: { 200: WebhookList }
  },
  testWebhooks: {
    method: 'POST',
    path: '/v1/webhooks/test',
    summary: 'Send a sample to one receiver of notices, or to each, and say what it answered',
    body: WebhookRequest,
    response: { 200: WebhookTestList }
  },
  resendWebhooks: {
    method: 'POST',
    path: '/v1/webhooks/resend',
    summary: 'Send the notices again that one receiver, or any, did not take in time',
    body: WebhookRequest,
    response: { 200: WebhookResentList }
  },
  listAuditLogs: {
    method: 'GET',
    path: '/v1/audit/logs',
    summary: 'List the audit logs of this server, each with its newest checkpoint',
    response: { 200: AuditLogs }
  },
  listAudit: {
    method: 'GET',
    path: '/v1/audit/leaves',
    summary: 'List leaves of an audit log: decisions, credentials and outcomes',
    query: AuditQuery,
    response: { 200: AuditPage }
  },
  readAuditFile: {
    method: 'GET',
    path: '/v1/audit/file',
    summary: 'Read one file of an audit log: its checkpoint, or a tile',
    query: AuditFileQuery,
    response: { 200: AuditFile }
  }
} as const satisfies Routes
