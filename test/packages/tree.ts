import type { SmallMachine } from './small-machine.ts'

/**
 * What dpkg, systemd and the log keep of their own accord; the user of the server, whose number is never another's; and what
 * the agent mended: a node that has joined needs it at its next boot, also when the agent has gone.
 */
const kept = [
  /^\/var\/lib\/(dpkg|apt|systemd)\//,
  /^\/var\/(log|cache|tmp)(\/|$)/,
  /^\/etc\/(passwd|shadow|group|gshadow)-?$/,
  /^\/etc\/\.pwd\.lock$/,
  /^\/etc\/(sysctl\.d\/90-joinery|modules-load\.d\/joinery)\.conf$/
]

/** Every file of the machine's disk: its type, mode, owner and path, with a hash where it is below /etc. */
export const tree = async (machine: SmallMachine): Promise<string[]> => {
  const listed = await machine.must('find', '/', '-xdev', '-printf', '%y %m %u:%g %p -> %l\\n')
  const hashed = await machine.must('find', '/etc', '-type', 'f', '-exec', 'sha256sum', '{}', '+')
  const lines = [...listed.trim().split('\n'), ...hashed.trim().split('\n')]
  return lines.filter((line) => !kept.some((pattern) => pattern.test(/\/\S*/.exec(line)?.[0] ?? ''))).sort()
}
