import { statSync } from 'node:fs'
import { packageOf } from '../cluster/product.ts'
import { type Figure, round } from './figure.ts'
import type { TargetName } from './targets.ts'

/** Of the packages that `pnpm package` built. */
export const packageSizes = async (): Promise<Figure[]> => [
  size('agent package', packageOf('joinery-agent'), 'agent-package'),
  size('command package', packageOf('joinery')),
  size('server package', packageOf('joinery-server'))
]

const size = (name: string, file: string, target?: TargetName): Figure => {
  const bytes = statSync(file, { throwIfNoEntry: false })?.size
  if (bytes === undefined) return { name, measured: 'not measured: pnpm package makes it' }
  const megabytes = bytes / 1e6
  const measured = `${round(megabytes)} MB with its Node runtime`
  return { name, measured, ...(target !== undefined && { judged: { [target]: megabytes } }) }
}
