import type { MenderParts } from './mender.ts'

/** A file that is all the agent's own, with these lines. */
export const ownFile = async (
  { files, change }: MenderParts,
  path: string,
  lines: readonly string[]
): Promise<void> => {
  const text = ['# Needed by Kubernetes; written by joinery-agent', ...lines, ''].join('\n')
  const before = await files.read(path)
  if (before === text) return
  const planned = { verb: 'write', object: path, ...(before !== undefined && { before }), after: text } as const
  await change(planned, () => files.write(path, text, 0o644))
}
