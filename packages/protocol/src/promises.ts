/**
 * Mark in the description of a command or of a configuration key that is beta. One without it is stable.
 * docs/reference/levels.md says what that promises, and is made from these marks.
 */
export const beta = '(beta)'

/** Minor versions by which a program may differ from the server. docs/how-to/upgrade.md promises them. */
export const skew = {
  /** `joinery` may be older or newer by so many. */
  command: 1,
  /** `joinery-agent` may be older by so many, as a kubelet may be older than its API server. */
  agent: 3
} as const

/** Minors of Kubernetes 1 that a release is tested with. */
export const kubernetesMinors = { oldest: 34, newest: 37 } as const

/** A sentence with a command for each version that is too far from that of the server, or that no release is tested with. */
export const misfits = ({ command, server, kubernetes }: Versions): string[] => {
  const ahead = server === undefined ? undefined : minorsAhead(command, server)
  const minor = kubernetes === undefined ? undefined : minorOf(kubernetes)
  const tested = `1.${kubernetesMinors.oldest} to 1.${kubernetesMinors.newest}`
  return [
    ...(ahead !== undefined && ahead < -skew.command
      ? [`This command (${command}) is too old for the server (${server}): install joinery ${server} here`]
      : []),
    ...(ahead !== undefined && ahead > skew.command
      ? [`The server (${server}) is too old for this command (${command}): upgrade joinery-server on its host first`]
      : []),
    ...(minor !== undefined && (minor < kubernetesMinors.oldest || minor > kubernetesMinors.newest)
      ? [
          `Kubernetes ${kubernetes} is not one that this command's release is tested with (${tested}): ${minor < kubernetesMinors.oldest ? 'kubeadm upgrade plan' : 'look for a newer release of Joinery'}`
        ]
      : [])
  ]
}

/** Versions as the programs say them. Server and Kubernetes are absent if they did not answer. */
export interface Versions {
  command: string
  server?: string
  kubernetes?: string
}

/** True if the agent is older than a server of this version promises to work with. False if one of them is no release. */
export const isAgentTooOld = (agent: string, server: string): boolean => (minorsAhead(agent, server) ?? 0) < -skew.agent

/** Minor versions by which a release is newer than another. Another major is infinitely far. Undefined if one is no release, as `dev`. */
const minorsAhead = (version: string, other: string): number | undefined => {
  const [one, two] = [version, other].map((text) => /^(\d+)\.(\d+)\.\d/.exec(text)?.slice(1).map(Number))
  if (one === undefined || two === undefined) return undefined
  const [major = 0, minor = 0] = one
  const [otherMajor = 0, otherMinor = 0] = two
  return major === otherMajor ? minor - otherMinor : (major - otherMajor) * Infinity
}

const minorOf = (kubernetes: string): number | undefined => {
  const [, minor] = /^v1\.(\d+)\./.exec(kubernetes) ?? []
  return minor === undefined ? undefined : Number(minor)
}
