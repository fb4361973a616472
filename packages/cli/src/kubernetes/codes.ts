import { isDeepStrictEqual } from 'node:util'
import { CommandEnd } from '@joinery/host/command-end'
import {
  allowsPrefetch,
  type CodeQuery,
  type CodeRequest,
  codeLifetime,
  escapeText,
  hashCode,
  isAsked,
  isShortId,
  type List,
  makeCode,
  meantByShortId,
  type PreflightPolicy,
  type RevokeQuery
} from '@joinery/protocol'
import { CodeSpec, type CodeStatusView } from '@joinery/protocol/door'
import { given } from '@joinery/protocol/given'
import { Value } from 'typebox/value'
import type { OperatorClient, SeenCode } from '../operator-client.ts'
import { exitCodes, NoAnswer, ProblemAnswer } from '../terminal/errors.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { type Patience, waitUntil } from '../terminal/wait-until.ts'
import type { DoorApi } from './door-api.ts'
import { mayHappen, setupRemedy } from './explain-answer.ts'
import { listObjects } from './list-objects.ts'
import { apiVersion, CodeObject, kindOf, TemplateObject } from './objects.ts'
import type { Trust } from './pin/trust.ts'
import { asAnswer, problemAnswer } from './problem-answer.ts'

export interface CodeParts extends Patience {
  api: DoorApi
  trust: Pick<Trust, 'install'>
  whoAmI(): Promise<string>
  /** Bytes of the system's random source. */
  random(bytes: number): Uint8Array
  /** The time of the API server, which judges lifetimes. */
  now(): Date
  err(line: string): void
  told: Terminal['told']
  onInterrupt: Terminal['onInterrupt']
  /** Longest time for an answer of the pairing server, in milliseconds. */
  timeout: number
}

type Codes = Pick<OperatorClient, 'createCode' | 'listCodes' | 'showCode' | 'revokeCode'> &
  Required<Pick<OperatorClient, 'readTemplate'>>

/** The codes of the cluster: objects that have only the hash of a code, which is also its id. */
export const codes = (parts: CodeParts): Codes => ({
  createCode: (request) => createCode(parts, request),
  listCodes: (query) => listCodes(parts, query),
  showCode: async (id) => (await readCode(parts, id)).seen,
  revokeCode: (id, query) => revokeCode(parts, id, query),
  readTemplate: (name) => readTemplate(parts.api, name)
})

/**
 * Makes a code on this machine, and sends its hash alone. Waits until the pairing server says that the code is open. A code that
 * is not handed to anybody is deleted again.
 */
const createCode = async (parts: CodeParts, request: CodeRequest): ReturnType<OperatorClient['createCode']> => {
  const { api, trust, random, whoAmI } = parts
  // all that can fail without a code fails before there is one
  const install = await trust.install()
  const by = await whoAmI()
  const code = makeCode(random)
  const { ttl, role = 'worker', ...asked } = request
  const hash = hashCode(code)
  const expires = new Date(parts.now().getTime() + ttl * 1000).toISOString()
  const spec: CodeSpec = { hash, ...asked, role, expires, by }
  const ignore = parts.onInterrupt?.(() =>
    parts.err(
      `the code ${hash} was given to nobody and may be open\nto do: ${parts.told(`joinery code revoke ${hash}`)}\n`
    )
  )
  try {
    await makeObject(api, spec)
    const { status, object } = await opened(parts, hash)
    requireKept(object.spec, spec)
    const warnings = status.message === undefined || status.message === '' ? [] : [status.message]
    return { code, ...seenCode(object, parts.now()), install, ...(warnings.length > 0 && { warnings }) }
  } catch (error) {
    throw await withoutCode(api, hash, error)
  } finally {
    ignore?.()
  }
}

/** The API server refused the Code: there is none. */
class NotMade extends AggregateError {}

/** The error that ends the command once the code is gone that nobody has. */
const withoutCode = async (api: DoorApi, hash: string, error: unknown): Promise<unknown> => {
  if (error instanceof NotMade) return error.errors[0]
  const left = await takeBack(api, hash)
  // what the server refused is no code: nothing is to be said of it
  return error instanceof ProblemAnswer ? error : new AggregateError([error, left])
}

const makeObject = async (api: DoorApi, spec: CodeSpec): Promise<void> => {
  const body = { apiVersion, kind: 'Code', metadata: { name: spec.hash }, spec }
  try {
    await api.call(({ custom }) => custom.createClusterCustomObject({ ...kindOf('codes'), body }))
  } catch (error) {
    // the answer may be lost: nobody else can know the hash
    if (!mayHappen(error)) throw new NotMade([error])
    const made = await api.read('codes', spec.hash, CodeObject).catch(() => undefined)
    if (made === undefined || !isDeepStrictEqual(made.spec, spec)) throw error
  }
}

/** Throws if the Code that the cluster keeps is another one than was asked for. */
const requireKept = (kept: CodeSpec, asked: CodeSpec): void => {
  const fields = [...new Set([...keysOf(asked), ...keysOf(kept)])]
  const changed = fields.filter((field) => !isDeepStrictEqual(kept[field], asked[field]))
  if (changed.length === 0) return
  const words = escapeText(changed.join(', '))
  // an earlier definition of a Code drops what it does not know, and changes nothing
  if (changed.every((field) => kept[field] === undefined)) {
    const cause = `the cluster does not know ${words} of a Code: its definition is of an earlier version`
    throw new CommandEnd(exitCodes.conflict, cause, setupRemedy)
  }
  const cause = `something in the cluster changed the Code before it was kept: ${words}`
  throw new CommandEnd(exitCodes.conflict, cause, 'joinery cluster doctor')
}

const keysOf = (spec: CodeSpec): (keyof CodeSpec)[] => Object.keys(spec) as (keyof CodeSpec)[]

/** Waits until the code is open. Throws the server's refusal. */
const opened = async (
  { api, timeout, ...patience }: CodeParts,
  hash: string
): Promise<{ object: CodeObject; status: CodeStatusView }> => {
  const look = async () => {
    const object = await api.read('codes', hash, CodeObject).catch((error) => {
      if (error instanceof NoAnswer) return 'away' as const
      throw error
    })
    if (object === 'away') return undefined
    if (object === undefined) throw new CommandEnd(exitCodes.conflict, 'somebody deleted the code before it was open')
    return object.status && { object, status: object.status }
  }
  const seen = await waitUntil(look, timeout, patience)
  if (seen === undefined) {
    const cause = `no answer of the pairing server within ${timeout / 1000} s`
    throw new CommandEnd(exitCodes.timeout, cause, 'on its host: systemctl status joinery-server')
  }
  const { state, code = 'refused', message, remedy } = seen.status
  if (state === 'open') return seen
  if (state === 'refused') throw problemAnswer(code, given({ detail: message, remedy }))
  throw new CommandEnd(exitCodes.conflict, `the code is ${state} before anybody has it`)
}

/** Deletes the Code. Undefined if there is none. */
const remove = (api: DoorApi, name: string, how: RevokeQuery = {}): Promise<unknown> =>
  api.ifThere(name, ({ custom }) => custom.deleteClusterCustomObject({ ...kindOf('codes'), name, ...how }))

/** Deletes a code that nobody has. Says what is left of it. */
const takeBack = async (api: DoorApi, hash: string): Promise<CommandEnd> => {
  const end = (text: string, remedy: string) =>
    new CommandEnd(exitCodes.failure, `the code ${hash} was given to nobody and ${text}`, remedy)
  try {
    const deleted = await remove(api, hash)
    return end(deleted === undefined ? 'is not in the cluster' : 'is revoked', 'make another one')
  } catch (error) {
    return end(`may be open: ${(error as Error).message}`, `joinery code revoke ${hash}`)
  }
}

/**
 * The code with this id, or with an id that ends or begins so. Throws `ambiguous-id` and `not-found`, also for the id of a code that was
 * made over the socket.
 */
const readCode = async (parts: CodeParts, id: string): Promise<{ seen: SeenCode }> => {
  const { api } = parts
  if (Value.Check(CodeSpec.properties.hash, id)) {
    const object = await api.read('codes', id, CodeObject)
    if (object !== undefined) return { seen: seenCode(object, new Date()) }
  } else if (isShortId(id)) {
    const { items } = await listCodes(parts)
    const seen = asAnswer(() => meantByShortId(id, items, ({ name = 'any name' }) => escapeText(name)))
    if (seen !== undefined) return { seen }
  }
  throw problemAnswer('not-found', {
    detail: `no code has the id "${escapeText(id)}"`,
    remedy: "joinery code list; a code that was made on the pairing server's host is known only there"
  })
}

const revokeCode = async (parts: CodeParts, reference: string, { dryRun }: RevokeQuery = {}): Promise<SeenCode> => {
  const { api } = parts
  const { seen } = await readCode(parts, reference)
  const { id } = seen
  await remove(api, id, given({ dryRun })).catch(async (error) => {
    // the answer may be lost
    const isGone =
      error instanceof NoAnswer && (await api.read('codes', id, CodeObject).catch(() => null)) === undefined
    if (!isGone) throw error
  })
  return { ...seen, status: 'revoked' }
}

const listCodes = (parts: CodeParts, query: CodeQuery = {}): Promise<List<SeenCode>> => {
  const { state, name, role, ...page } = query
  const now = parts.now()
  const fits = (code: SeenCode): boolean =>
    isAsked(state, code.status) &&
    (name === undefined || code.name === name) &&
    (role === undefined || code.role === role)
  return listObjects(parts.api, 'codes', page, {
    schema: CodeObject,
    show: (object) => {
      // a code that the server refused never was one
      const code = object.status?.state === 'refused' ? undefined : seenCode(object, now)
      return code !== undefined && fits(code) ? code : undefined
    },
    err: parts.err
  })
}

/** The code as the API shows it. Until the server has looked, it is open as far as its time tells. */
const seenCode = ({ metadata, spec, status }: CodeObject, now: Date): SeenCode => {
  const { hash: id, by: _, uses = 1, expires, policy, ...rest } = spec
  const byTime = new Date(expires) <= now ? 'expired' : 'open'
  const state = status?.state
  return {
    id,
    ...rest,
    created: metadata.creationTimestamp,
    expires,
    status: state === undefined || state === 'refused' ? byTime : state,
    uses,
    used: status?.used ?? 0,
    prefetch: allowsPrefetch(spec),
    proof: spec.proof === true,
    ...given({ enrolment: status?.enrolment }),
    ...given({ policy: policyOf(policy) })
  }
}

/** The preflight policy of a Code or CodeTemplate, as the API has it. */
const policyOf = (policy: CodeSpec['policy']): PreflightPolicy | undefined =>
  policy && { ...given({ remediate: policy.remediate }), ignore: policy.ignore ?? [] }

const readTemplate = async (api: DoorApi, name: string): Promise<Partial<CodeRequest>> => {
  const isName = /^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/.test(name)
  const object = isName ? await api.read('codetemplates', name, TemplateObject) : undefined
  if (object === undefined) {
    throw problemAnswer('not-found', {
      detail: `the cluster has no CodeTemplate "${escapeText(name)}"`,
      remedy: 'kubectl get codetemplates'
    })
  }
  const { ttl = codeLifetime.default, policy, ...asked } = object.spec
  return {
    ttl,
    ...asked,
    ...given({ policy: policyOf(policy) })
  }
}
