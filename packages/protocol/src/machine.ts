import Type, { type Static } from 'typebox'

const strict = { additionalProperties: false }
const text = (maxLength: number) => Type.String({ maxLength })

/**
 * What a machine says of itself. Untrusted: shown to the operator, compared with the Node later, never dialled.
 * Bytes for memory. Values that change without the machine changing (load, free memory) do not belong here.
 */
export const Facts = Type.Object(
  {
    hostname: text(253),
    machineId: text(64),
    productUuid: text(64),
    serial: text(128),
    macs: Type.Array(text(17), { maxItems: 64 }),
    addresses: Type.Array(text(45), { maxItems: 64 }),
    os: text(128),
    kernel: text(128),
    arch: text(32),
    cpus: Type.Integer({ minimum: 0, maximum: 65536 }),
    memory: Type.Integer({ minimum: 0 }),
    kubelet: text(64),
    kubeadm: text(64),
    runtime: text(128)
  },
  strict
)
export type Facts = Static<typeof Facts>

/** Facts that make it the same machine: a change before the claim takes an approval back. */
export const identityFacts = ['machineId', 'productUuid', 'serial', 'macs'] as const satisfies (keyof Facts)[]

export const verdicts = ['pass', 'warn', 'fail', 'skipped'] as const
export type Verdict = (typeof verdicts)[number]

/** One preflight check: stable name, verdict, what was found, and what to do where it is not `pass`. */
export const Check = Type.Object(
  {
    name: text(64),
    verdict: Type.Enum([...verdicts]),
    finding: text(1024),
    remedy: Type.Optional(text(1024))
  },
  strict
)
export type Check = Static<typeof Check>

export const Observation = Type.Object(
  {
    facts: Facts,
    preflight: Type.Array(Check, { maxItems: 100 })
  },
  strict
)
export type Observation = Static<typeof Observation>

/** True where no check failed: only then does the agent claim. */
export const passes = (preflight: readonly Check[]): boolean => preflight.every((check) => check.verdict !== 'fail')
