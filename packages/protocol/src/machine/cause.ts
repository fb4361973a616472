import Type, { type Static } from 'typebox'

const strict = { additionalProperties: false }

/** The two places from which somebody looks why a Node is not Ready: the machine itself, and the cluster. */
export const causeSources = ['machine', 'cluster'] as const
export type CauseSource = (typeof causeSources)[number]

/**
 * Every cause for which a Node is not Ready, in the order of their rank. A cause explains those below it: a full disk stops the
 * container runtime, without a runtime the kubelet does not start, and without a kubelet no Pod of the network plugin runs. So the
 * first one that is found is what a person looks at first.
 */
export const causeTable = {
  banned: 'the name of the Node is banned: Joinery removed this machine',
  'clock-wrong': 'the clock of the machine is wrong',
  'disk-full': 'a disk of the machine is full',
  'memory-short': 'the machine has too little memory',
  'runtime-off': 'the container runtime does not run, or does not answer',
  'certificate-over': 'the client certificate of the kubelet is missing, or over',
  'kubelet-failing': 'the kubelet does not start, or ends again and again',
  'kubelet-off': 'the kubelet does not run',
  'name-not-resolved': 'the machine does not resolve the name of the API server',
  'api-unreachable': 'the machine does not reach the API server',
  'machine-silent': 'nothing is heard of the machine',
  'node-missing': 'the cluster has no Node of this name',
  'version-skew': 'the versions of kubelet and API server are too far apart',
  'pod-cidr-missing': 'the Node has no network for its Pods, or that of another Node',
  'sandbox-failing': 'the container runtime cannot start a Pod on the machine',
  'plugin-missing': 'the cluster has no network plugin',
  'plugin-kept-out': 'the Pod of the network plugin may not run on this Node',
  'plugin-image': 'the image of the network plugin cannot be pulled',
  'kube-proxy-failing': 'kube-proxy does not run on this Node',
  'plugin-failing': 'the Pod of the network plugin ends again and again',
  'plugin-starting': 'the Pod of the network plugin is not ready yet',
  'cni-missing': 'the configuration or a program of the network plugin is missing on the machine',
  'pod-image': 'an image that every new Node needs cannot be pulled',
  'pod-failing': 'a Pod that every new Node needs is not ready',
  'taint-left': 'nobody takes a taint of the Node away',
  'serving-certificate-pending': 'nobody approves the serving certificate of the kubelet',
  'kubelet-says': 'the kubelet says so, and nothing more is known'
} as const satisfies Record<string, string>
export type CauseCode = keyof typeof causeTable
export const causeCodes = Object.keys(causeTable) as CauseCode[]

/** Most causes that one look tells, and that are kept of one. */
export const causesAtMost = 8

/**
 * One cause, with what was seen. `evidence` has the words of the program that says so, a line each. `remedy` has lines for a shell, in
 * order: each is one command, or words after `#`.
 */
export const Cause = Type.Object(
  {
    code: Type.Enum(causeCodes, { description: 'stable name of the cause' }),
    from: Type.Enum([...causeSources], { description: 'place where it was seen' }),
    text: Type.String({ minLength: 1, maxLength: 256, description: 'sentence for a person' }),
    since: Type.Optional(Type.String({ format: 'date-time', description: 'time since when it has been so' })),
    evidence: Type.Array(Type.String({ maxLength: 512 }), { maxItems: 6 }),
    remedy: Type.Array(Type.String({ maxLength: 256 }), { maxItems: 4 })
  },
  strict
)
export type Cause = Static<typeof Cause>

/** The causes in the order of their rank, the same one once, and no more than `causesAtMost`. */
export const rankCauses = (causes: readonly Cause[]): Cause[] => {
  const seen = new Set<string>()
  return [...causes]
    .sort((one, other) => causeCodes.indexOf(one.code) - causeCodes.indexOf(other.code))
    .filter(({ code, from, text }) => {
      const stamp = `${code} ${from} ${text}`
      return !seen.has(stamp) && seen.add(stamp)
    })
    .slice(0, causesAtMost)
}

/**
 * `PUT /v1/enrolment/causes`: what the agent found on the machine while its Node is not Ready. None if it found nothing. The answer is
 * the enrolment.
 */
export const CausesRequest = Type.Object({ causes: Type.Array(Cause, { maxItems: causesAtMost }) }, strict)
export type CausesRequest = Static<typeof CausesRequest>

/**
 * `GET /v1/enrolments/:reference/why`, and the JSON that `joinery-agent why -o json` prints: why a Node is not Ready, at that time.
 * `causes` has the likeliest first. Those of a Node that is Ready are Pods of the system that fail on it all the same.
 */
export const Why = Type.Object(
  {
    name: Type.String({ description: 'name of the Node' }),
    at: Type.String({ format: 'date-time', description: 'time of the look' }),
    ready: Type.Boolean(),
    summary: Type.String({ maxLength: 1024, description: 'paragraph for a person' }),
    causes: Type.Array(Cause, { maxItems: causesAtMost }),
    machine: Type.Optional(
      Type.String({
        format: 'date-time',
        description: 'time at which the machine said its part; absent if it said nothing'
      })
    ),
    unseen: Type.Optional(
      Type.Array(Type.String(), { description: 'things that could not be looked at, a sentence each, with the reason' })
    )
  },
  strict
)
export type Why = Static<typeof Why>

/**
 * The causes that a machine may report to the server: those that it can see by itself. The cluster alone knows the others, such as a
 * ban, so no machine outranks by its word what the cluster shows.
 */
export const machineCodes: readonly CauseCode[] = [
  'clock-wrong',
  'disk-full',
  'memory-short',
  'runtime-off',
  'certificate-over',
  'kubelet-failing',
  'kubelet-off',
  'name-not-resolved',
  'api-unreachable',
  'node-missing',
  'pod-cidr-missing',
  'sandbox-failing',
  'plugin-image',
  'plugin-failing',
  'plugin-starting',
  'cni-missing',
  'kube-proxy-failing',
  'pod-image',
  'pod-failing',
  'kubelet-says'
]

/** The likeliest cause, as lists show it. It is kept with the enrolment until its Node is Ready. */
export const FirstCause = Type.Object(
  {
    code: Cause.properties.code,
    text: Cause.properties.text
  },
  { ...strict, description: 'likeliest cause for which the Node is not Ready; absent if it is Ready, or none is known' }
)
export type FirstCause = Static<typeof FirstCause>
