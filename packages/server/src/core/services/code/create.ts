import { type CodeRequest, hashCode, hostAndPort, makeCode, type NewCode } from '@joinery/protocol'
import { given } from '@joinery/protocol/given'
import type { Clock } from '../../base/clock.ts'
import type { Random } from '../../base/random.ts'
import { type Asker, entry, entryBy } from '../../enrolment/decision/decision.ts'
import { codeView } from '../../enrolment/views.ts'
import { inWords, type NewCodeParts, newCode, requireCode, warningsOf } from './new-code.ts'
import type { Reached } from './other-servers.ts'

export interface CreateParts extends NewCodeParts {
  clock: Clock
  random: Random
  /** The addresses where machines find the server now, and what they check it by. */
  identity: () => Reached
}

/** Makes a code, which is in this one answer only. Throws what `requireCode` throws, and `cluster-unavailable`. */
export const create =
  (parts: CreateParts) =>
  async (request: CodeRequest, asker: Asker = {}): Promise<NewCode> => {
    const { store, cluster, clock, random, packages, credential, identity } = parts
    await requireCode(parts, request)
    const now = clock.now()
    const secret = makeCode(random.bytes)
    const expires = new Date(now.getTime() + request.ttl * 1000).toISOString()
    const agentPackage = await packages.current()
    const chosen = { id: random.id(), hash: hashCode(secret), expires, credential, package: agentPackage?.sha256 }
    const code = newCode(request, chosen, now)
    const { server } = await cluster.endpoint()
    const warnings = await warningsOf(parts, request, now)
    const created = entryBy(asker, entry(now, 'operator', 'create', inWords(code)))
    await store.commit({ codes: [code], entries: [{ subject: code.id, entry: created }] })
    const install = { ...identity(), apiEndpoint: hostAndPort(server), ...given({ package: agentPackage }) }
    return { code: secret, ...codeView(code, now), install, ...(warnings.length > 0 && { warnings }) }
  }
