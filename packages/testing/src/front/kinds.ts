import { definitions } from '@joinery/kube/door'
import { CodeSpec, type CodeStatusView, DecisionSpec } from '@joinery/protocol/door'
import { Value } from 'typebox/value'
import type { DecisionObject } from '../cluster/fake/asked.ts'
import type { FakeCluster } from '../cluster/fake/fake-cluster.ts'
import { notFound, Refused } from './answer.ts'
import type { Listed } from './pages.ts'

/** Verbs of `joinery.dev` by user. A user who is absent has all of them. */
export type Verbs = ReadonlyMap<string, readonly string[]>

interface CodeObject extends Listed {
  metadata: { name: string; uid: string; creationTimestamp: string }
  spec: unknown
  status?: CodeStatusView
}

/** The objects of one kind, as the API server keeps them. */
export interface Kind {
  /** Fields that a list can select by. */
  fields: readonly string[]
  list(): Promise<Listed[]>
  /** `dry`: the object is judged, and not made. */
  create?(object: Sent, user: string, dry?: boolean): Promise<Listed>
  remove?(name: string): Promise<void>
}

export interface Sent {
  metadata?: { name?: string }
  spec?: Record<string, unknown>
}

const kindName = (plural: string): string => `${plural}.joinery.dev`

/** Fields of `--field-selector`, as setup makes the kind. */
const selectable = (plural: string): string[] => {
  const one = definitions.find(({ metadata }) => metadata.name === kindName(plural)) as unknown as {
    spec: { versions: { selectableFields?: { jsonPath: string }[] }[] }
  }
  return one.spec.versions.flatMap(({ selectableFields = [] }) =>
    selectableFields.map(({ jsonPath }) => jsonPath.slice(1))
  )
}

const denied = (plural: string, name: string, policy: string, words: string): Refused =>
  new Refused(
    422,
    `${kindName(plural)} "${name}" is forbidden: ValidatingAdmissionPolicy '${policy}' with binding '${policy}' denied request: ${words}`,
    name
  )

/** The views that the server writes. */
export const viewsOf = ({ views }: FakeCluster, plural: 'enrolments' | 'installations'): Kind => ({
  fields: selectable(plural),
  list: async () =>
    [...views.statuses(plural)].map(([name, status]) => ({
      metadata: { name, uid: name, creationTimestamp: '2026-11-25T12:00:00Z', resourceVersion: '1' },
      status
    }))
})

/** Change that a MutatingAdmissionPolicy makes to the spec of an object on its way. */
export type Mutate = (spec: Record<string, unknown>) => Record<string, unknown>

/** The Decisions of the rehearsal cluster. */
export const decisionsOf = ({ decisions }: FakeCluster, verbs: Verbs, mutate: () => Mutate): Kind => {
  const made = new Set<string>()
  const shown = ({ name, uid, created, spec, status }: DecisionObject): Listed & { spec: unknown } => ({
    metadata: { name, uid, creationTimestamp: created.toISOString(), resourceVersion: '1' } as Listed['metadata'],
    spec,
    ...(status !== undefined && { status })
  })
  return {
    fields: selectable('decisions'),
    list: async () => {
      const all = await Promise.all([...made].map((name) => decisions.read(name)))
      return all.flatMap((object) => (object === undefined ? [] : [shown(object)]))
    },
    create: async ({ metadata: { name = '' } = {}, spec: sent = {} }, user, dry) => {
      const spec = mutate()(sent)
      if (made.has(name)) throw new Refused(409, `decisions.joinery.dev "${name}" already exists`, name)
      if (!Value.Check(DecisionSpec, spec))
        throw new Refused(422, `Decision.joinery.dev "${name}" is invalid: spec`, name)
      const policy = (words: string) => denied('decisions', name, 'joinery-decisions', words)
      if (spec.by !== user) throw policy(`a decision names who made it: ${user}`)
      if (!(verbs.get(user)?.includes(spec.verdict) ?? true)) throw policy(`${user} may not ${spec.verdict} enrolments`)
      if (dry) return { metadata: { name }, spec } as Listed
      const object = await decisions.create(spec, user, name)
      made.add(name)
      return shown(object)
    },
    remove: async (name) => {
      await decisions.remove(name)
      made.delete(name)
    }
  }
}

/** The status that the pairing server writes to a new Code. Undefined if it writes none. */
export type JudgeCode = (spec: CodeSpec) => CodeStatusView | undefined

/** Codes, with a stand-in for the pairing server that says what became of each. */
export const codesOf = (judge: () => JudgeCode, verbs: Verbs): Kind & { objects: Map<string, CodeObject> } => {
  const objects = new Map<string, CodeObject>()
  return {
    objects,
    fields: selectable('codes'),
    list: async () => [...objects.values()],
    create: async ({ metadata: { name = '' } = {}, spec = {} }, user) => {
      if (objects.has(name)) throw new Refused(409, `codes.joinery.dev "${name}" already exists`, name)
      if (!Value.Check(CodeSpec, spec) || spec.hash !== name) {
        throw new Refused(422, `Code.joinery.dev "${name}" is invalid: spec`, name)
      }
      const policy = (words: string) => denied('codes', name, 'joinery-codes', words)
      if (spec.by !== user) throw policy(`a code names who made it: ${user}`)
      const verb = spec.role === 'control-plane' ? 'invite-control-plane' : 'invite'
      if (!(verbs.get(user)?.includes(verb) ?? true)) throw policy(`${user} may not ${verb} machines`)
      const decides = spec.proof || spec.recover?.startsWith('auto') || (spec.policy?.ignore ?? []).length > 0
      if (decides && !(verbs.get(user)?.includes('approve') ?? true)) throw policy(`${user} may not approve enrolments`)
      const object: CodeObject = {
        metadata: { name, uid: name.slice(0, 32), creationTimestamp: new Date().toISOString() },
        spec
      }
      objects.set(name, object)
      const status = judge()(spec)
      // the server looks a moment later
      if (status !== undefined) setImmediate(() => Object.assign(object, { status }))
      return structuredClone(object)
    },
    remove: async (name) => void objects.delete(name)
  }
}

/** Reads the object of that name. */
export const readNamed = async (kind: Kind, plural: string, name: string): Promise<Listed> => {
  const found = (await kind.list()).find(({ metadata }) => metadata.name === name)
  if (found === undefined) throw notFound(kindName(plural), name)
  return found
}
