import Type, { type Static } from 'typebox'

const strict = { additionalProperties: false }
const text = (maxLength: number) => Type.String({ maxLength })

/** Schema of a fingerprint as `fingerprint` makes it. */
export const fingerprintOf = (description: string) => Type.String({ pattern: '^sha256:[0-9a-f]{64}$', description })

const joinKey = Type.Optional(fingerprintOf('public key that a client certificate would be for'))
const sealKey = Type.Optional(
  Type.String({
    maxLength: 1024,
    pattern: '^[A-Za-z0-9_-]+[.][A-Za-z0-9_-]+[.][A-Za-z0-9_-]+$',
    description: 'public key to which the keys of a cluster would be sealed, signed with the machine key (JWS)'
  })
)

/**
 * Facts that a machine states about itself. Untrusted: shown to the operator, compared with the Node later, never
 * dialled. Memory is in bytes. Values that change without the machine changing (load, free memory) do not belong
 * here.
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
    memory: Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }),
    kubelet: text(64),
    kubeadm: text(64),
    runtime: text(128)
  },
  strict
)
export type Facts = Static<typeof Facts>

/** Facts of a machine that says nothing of itself. */
export const noFacts: Facts = {
  hostname: '',
  machineId: '',
  productUuid: '',
  serial: '',
  macs: [],
  addresses: [],
  os: '',
  kernel: '',
  arch: '',
  cpus: 0,
  memory: 0,
  kubelet: '',
  kubeadm: '',
  runtime: ''
}

/** Facts by which a machine is the same one. A change before the claim takes an approval back. */
export const identityFacts = ['machineId', 'productUuid', 'serial', 'macs'] as const satisfies (keyof Facts)[]

export const verdicts = ['pass', 'warn', 'fail', 'skipped'] as const
export type Verdict = (typeof verdicts)[number]

/** Levels of what the agent may mend by itself: nothing; what kubeadm's documentation asks for; the container runtime too. */
export const remediations = ['off', 'safe', 'runtime'] as const
export type Remediation = (typeof remediations)[number]

/**
 * One preflight check: stable name, verdict, and what was found. If it is no `pass`, it says why the check matters
 * and what to do.
 */
export const Check = Type.Object(
  {
    name: text(64),
    verdict: Type.Enum([...verdicts]),
    finding: text(1024),
    why: Type.Optional(text(512)),
    remedy: Type.Optional(
      Type.Array(text(512), {
        maxItems: 8,
        description: 'lines for a root shell on the machine, in order: each is one command, or words after #'
      })
    ),
    mends: Type.Optional(Type.Enum(['safe', 'runtime'], { description: 'level at which the agent mends the check' })),
    ignored: Type.Optional(Type.Boolean({ description: 'true if the check failed and does not count' }))
  },
  strict
)
export type Check = Static<typeof Check>

export const Observation = Type.Object(
  {
    facts: Facts,
    preflight: Type.Array(Check, { maxItems: 100 }),
    /** Evidence, as the facts are. Agents older than join keys send none. */
    joinKey,
    sealKey
  },
  strict
)
export type Observation = Static<typeof Observation>

/** Rules for preflight on a machine, from its code or from its own configuration. `ignore` has names of checks. */
export const PreflightPolicy = Type.Object(
  {
    remediate: Type.Optional(Type.Enum([...remediations])),
    ignore: Type.Array(text(64), { maxItems: 100 })
  },
  strict
)
export type PreflightPolicy = Static<typeof PreflightPolicy>

/** True if no check failed. Only then does the agent claim. */
export const passes = (preflight: readonly Check[]): boolean => preflight.every((check) => check.verdict !== 'fail')
